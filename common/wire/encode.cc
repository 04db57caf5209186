#include "baton.pb.h"
#include "common/wire/messages.h"
#include "common/wire/text.h"

namespace baton::wire {
namespace {

std::string bytes_of(const Uuid& uuid) {
  return {uuid.bytes.begin(), uuid.bytes.end()};
}

void put(const DeliveryId& from, proto::Delivery& to) {
  to.set_flow(bytes_of(from.flow.value));
  to.set_atom(from.atom);
  to.set_intention(from.intention == Intention::Revert ? 1 : 0);
  to.set_attempt(from.attempt);
  to.set_dispatch(from.dispatch);
}

void put(const Failure& from, proto::Failure& to) {
  to.set_type(clean_text(from.type));
  to.set_message(clean_text(from.message));
  if (!from.details.is_null()) to.set_details(std::string(from.details.json()));
}

void put(const Request& from, proto::Request& to) {
  put(from.delivery, *to.mutable_delivery());
  to.set_task_type(from.task_type);
  to.set_arguments(std::string(from.arguments.json()));
  to.set_result(std::string(from.result.json()));
  if (from.failure) put(*from.failure, *to.mutable_failure());
  for (const auto& [atom, failure] : from.flow_failures) {
    auto& entry = *to.add_flow_failures();
    entry.set_atom(atom);
    put(failure, *entry.mutable_failure());
  }
  if (from.start_to_close) to.set_start_to_close_ms(static_cast<std::uint64_t>(from.start_to_close->count()));
  to.set_job(from.job);
}

void put(const NotRun& from, proto::Answer& to) {
  const std::string why = clean_text(from.why);
  switch (from.kind) {
    case NoOutcome::Busy:
      to.set_busy(why);
      return;
    case NoOutcome::Refused:
      to.set_refused(why);
      return;
    case NoOutcome::Unsupported:
      to.set_unsupported(why);
      return;
    case NoOutcome::NotStarted:
      to.set_not_started(why);
      return;
    case NoOutcome::Closed:
      to.set_closed(why);
      return;
  }
  BATON_ASSERT(false);
}

void put(const Answer& from, proto::Answer& to) {
  put(from.delivery, *to.mutable_delivery());
  to.set_ran_for_us(static_cast<std::uint64_t>(from.ran_for.count()));
  if (const auto* result = std::get_if<Value>(&from.what)) {
    to.set_result(std::string(result->json()));
  } else if (const auto* failure = std::get_if<Failure>(&from.what)) {
    put(*failure, *to.mutable_failure());
  } else {
    put(std::get<NotRun>(from.what), to);
  }
}

void put(const Holding& from, proto::Holding& to) {
  put(from.delivery, *to.mutable_delivery());
  to.set_started(from.started);
  to.set_running_for_ms(static_cast<std::uint64_t>(from.running_for.count()));
  to.set_progress(from.progress);
  to.set_progress_note(clean_text(from.progress_note));
}

/// One overload a body: its kind and its bytes.
struct BodyEncoder {
  proto::Kind kind = proto::KIND_UNSPECIFIED;

  std::string operator()(const Requests& body) {
    kind = proto::KIND_REQUESTS;
    proto::Requests message;
    for (const auto& request : body.requests) put(request, *message.add_requests());
    return message.SerializeAsString();
  }
  std::string operator()(const Cancel& body) {
    kind = proto::KIND_CANCEL;
    proto::Cancel message;
    put(body.delivery, *message.mutable_delivery());
    message.set_why(clean_text(body.why));
    return message.SerializeAsString();
  }
  std::string operator()(const Probe& body) {
    kind = proto::KIND_PROBE;
    proto::Probe message;
    put(body.delivery, *message.mutable_delivery());
    return message.SerializeAsString();
  }
  std::string operator()(const Recorded& body) {
    kind = proto::KIND_RECORDED;
    proto::Recorded message;
    for (const auto& delivery : body.deliveries) put(delivery, *message.add_deliveries());
    return message.SerializeAsString();
  }
  std::string operator()(const Answers& body) {
    kind = proto::KIND_ANSWERS;
    proto::Answers message;
    for (const auto& answer : body.answers) put(answer, *message.add_answers());
    return message.SerializeAsString();
  }
  std::string operator()(const Report& body) {
    kind = proto::KIND_REPORT;
    proto::Report message;
    for (const auto& holding : body.holdings) put(holding, *message.add_holdings());
    message.set_sequence(body.sequence);
    message.set_draining(body.draining);
    message.set_free_slots(body.free_slots);
    return message.SerializeAsString();
  }
  std::string operator()(const Echo&) {
    kind = proto::KIND_ECHO;
    return proto::Echo().SerializeAsString();
  }
};

}  // namespace

std::string encode(const Message& message) {
  BodyEncoder encoder;
  proto::Envelope envelope;
  envelope.set_body(std::visit(encoder, message.body));
  envelope.set_version(kVersion);
  envelope.set_kind(encoder.kind);
  envelope.set_to(bytes_of(message.to.value));
  envelope.set_from(bytes_of(message.from.value));
  envelope.set_reply_partition(message.reply_partition);
  return envelope.SerializeAsString();
}

}  // namespace baton::wire
