#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "baton.pb.h"
#include "common/wire/messages.h"
#include "common/wire/text.h"

/// Reading goes through `Reader`, which remembers the first thing that was wrong: a message is taken whole or
/// not at all.
namespace baton::wire {
namespace {

std::optional<Uuid> uuid_of(const std::string& bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

/// A century: no task runs longer, and sums of it do not overflow.
constexpr std::uint64_t kDurationMax = 100ull * 365 * 24 * 3600 * 1'000'000;
std::int64_t duration(std::uint64_t given) {
  return static_cast<std::int64_t>(std::min(given, kDurationMax));
}

class Reader {
 public:
  const std::string& wrong() const { return wrong_; }

  DeliveryId delivery(const proto::Delivery& from) {
    DeliveryId to;
    const auto flow = uuid_of(from.flow());
    if (!flow) refuse("a delivery's flow is no uuid");
    if (from.atom().empty()) refuse("a delivery names no atom");
    if (from.intention() > 1) refuse("a delivery's intention is neither execute nor revert");
    to.flow = FlowId(flow.value_or(Uuid{}));
    to.atom = from.atom();
    to.intention = from.intention() == 1 ? Intention::Revert : Intention::Execute;
    to.attempt = from.attempt();
    to.dispatch = from.dispatch();
    return to;
  }

  Value value(const std::string& bytes, std::size_t bytes_max, const char* what) {
    if (bytes.empty()) return {};
    auto parsed = Value::parse(bytes, bytes_max);
    if (parsed.ok()) return parsed.value();
    refuse(std::string(what) + ": " + parsed.error().message);
    return {};
  }

  Failure failure(const proto::Failure& from) {
    auto details = Value::parse(from.details().empty() ? "null" : from.details());
    return Failure::make(clean_text(from.type()), from.message(),
                         details.ok() ? details.value() : Value::of_string(from.details()));
  }

  Request request(const proto::Request& from) {
    Request to;
    to.delivery = delivery(from.delivery());
    to.task_type = from.task_type();
    to.arguments = value(from.arguments(), kArgumentsBytesMax, "arguments");
    to.result = value(from.result(), kResultBytesMax, "result");
    if (from.has_failure()) to.failure = failure(from.failure());
    for (const auto& entry : from.flow_failures())
      to.flow_failures.emplace_back(entry.atom(), failure(entry.failure()));
    if (from.start_to_close_ms()) to.start_to_close = Millis(duration(from.start_to_close_ms()));
    to.job = from.job();
    return to;
  }

  Answer answer(const proto::Answer& from) {
    Answer to;
    to.delivery = delivery(from.delivery());
    to.ran_for = Micros(duration(from.ran_for_us()));
    switch (from.what_case()) {
      case proto::Answer::kResult:
        to.what = outcome(from.result());
        break;
      case proto::Answer::kFailure:
        to.what = failure(from.failure());
        break;
      case proto::Answer::kBusy:
        to.what = NotRun{NoOutcome::Busy, clean_text(from.busy())};
        break;
      case proto::Answer::kRefused:
        to.what = NotRun{NoOutcome::Refused, clean_text(from.refused())};
        break;
      case proto::Answer::kUnsupported:
        to.what = NotRun{NoOutcome::Unsupported, clean_text(from.unsupported())};
        break;
      case proto::Answer::kNotStarted:
        to.what = NotRun{NoOutcome::NotStarted, clean_text(from.not_started())};
        break;
      case proto::Answer::kClosed:
        to.what = NotRun{NoOutcome::Closed, clean_text(from.closed())};
        break;
      case proto::Answer::WHAT_NOT_SET:
        refuse("an answer says nothing");
        break;
    }
    return to;
  }

  Holding holding(const proto::Holding& from) {
    const double progress = from.progress() >= 0 ? std::min(from.progress(), 1.0) : 0;  // NaN: 0
    return {delivery(from.delivery()), from.started(), Millis(duration(from.running_for_ms())), progress,
            clean_text(from.progress_note())};
  }

 private:
  void refuse(std::string why) {
    if (wrong_.empty()) wrong_ = std::move(why);
  }

  /// A result that cannot be kept must not leave its flow stuck: it becomes the failure of its atom
  /// (PROTOCOL.md H10).
  static std::variant<Value, Failure, NotRun> outcome(const std::string& bytes) {
    auto result = Value::parse(bytes, kResultBytesMax);
    if (result.ok()) return result.value();
    return bad_result("the result cannot be kept", result.error());
  }

  std::string wrong_;
};

/// Parses one body; nullopt where the bytes are not that message.
std::optional<Body> read_body(const proto::Envelope& envelope, Reader& reader) {
  const auto parsed = [&envelope](auto& message) { return message.ParseFromString(envelope.body()); };
  switch (envelope.kind()) {
    case proto::KIND_REQUESTS: {
      proto::Requests message;
      if (!parsed(message)) return std::nullopt;
      Requests body;
      for (const auto& request : message.requests()) body.requests.push_back(reader.request(request));
      return body;
    }
    case proto::KIND_CANCEL: {
      proto::Cancel message;
      if (!parsed(message)) return std::nullopt;
      return Cancel{reader.delivery(message.delivery()), clean_text(message.why())};
    }
    case proto::KIND_PROBE: {
      proto::Probe message;
      if (!parsed(message)) return std::nullopt;
      return Probe{reader.delivery(message.delivery())};
    }
    case proto::KIND_RECORDED: {
      proto::Recorded message;
      if (!parsed(message)) return std::nullopt;
      Recorded body;
      for (const auto& delivery : message.deliveries()) body.deliveries.push_back(reader.delivery(delivery));
      return body;
    }
    case proto::KIND_ANSWERS: {
      proto::Answers message;
      if (!parsed(message)) return std::nullopt;
      Answers body;
      for (const auto& answer : message.answers()) body.answers.push_back(reader.answer(answer));
      return body;
    }
    case proto::KIND_REPORT: {
      proto::Report message;
      if (!parsed(message)) return std::nullopt;
      Report body;
      for (const auto& holding : message.holdings()) body.holdings.push_back(reader.holding(holding));
      body.sequence = message.sequence();
      body.draining = message.draining();
      body.free_slots = message.free_slots();
      return body;
    }
    case proto::KIND_ECHO: {
      proto::Echo message;
      if (!parsed(message)) return std::nullopt;
      return Echo{};
    }
    default:
      return std::nullopt;
  }
}

bool known_kind(std::uint32_t kind) {
  return kind != proto::KIND_UNSPECIFIED && proto::Kind_IsValid(static_cast<int>(kind));
}

Unreadable garbage(std::string message) {
  Unreadable unreadable;
  unreadable.message = std::move(message);
  return unreadable;
}

}  // namespace

Result<Message, Unreadable> decode(std::string_view bytes) {
  // Whoever reads garbage counts it and says so once a minute; protobuf would write a line to stderr for
  // each.
  [[maybe_unused]] static const auto silenced = google::protobuf::SetLogHandler(nullptr);
  proto::Envelope envelope;
  if (bytes.size() > kMessageBytesMax ||
      !envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Fail(
        garbage("the message is no envelope of Baton's (" + std::to_string(bytes.size()) + " bytes)"));
  const auto to = uuid_of(envelope.to()), from = uuid_of(envelope.from());
  if (!to || to->is_nil() || !from)
    return Fail(garbage("the envelope does not say for whom it is and from whom"));
  if (envelope.reply_partition() < 0) return Fail(garbage("the envelope does not say where to answer"));
  Unreadable unreadable;
  unreadable.to = Incarnation(*to);
  unreadable.from = Incarnation(*from);
  unreadable.reply_partition = envelope.reply_partition();
  if (envelope.version() != kVersion || !known_kind(envelope.kind())) {
    unreadable.unsupported = true;
    unreadable.message = "version " + std::to_string(envelope.version()) + ", kind " +
                         std::to_string(envelope.kind()) + " is not known here (version " +
                         std::to_string(kVersion) + "): is the sender newer?";
    return Fail(unreadable);
  }
  Reader reader;
  auto body = read_body(envelope, reader);
  if (!body || !reader.wrong().empty()) {
    unreadable.message = body ? reader.wrong() : "the body is not what its kind says";
    return Fail(unreadable);
  }
  return Message{unreadable.to, unreadable.from, unreadable.reply_partition, *std::move(body)};
}

Incarnation addressee(std::string_view bytes) {
  // Field 3 of the envelope, found by walking tags: no allocation for a message that is for another process.
  // Of two the last counts, and what is not known is skipped, as protobuf does.
  using google::protobuf::internal::WireFormatLite;
  constexpr std::uint32_t kTo = 3 << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  Uuid uuid;
  while (const std::uint32_t tag = in.ReadTag()) {
    if (tag != kTo) {
      if (!WireFormatLite::SkipField(&in, tag)) return {};
      continue;
    }
    std::uint32_t size = 0;
    if (!in.ReadVarint32(&size)) return {};
    uuid = {};
    const int bytes_left = static_cast<int>(size);
    if (size == uuid.bytes.size() ? !in.ReadRaw(uuid.bytes.data(), bytes_left) : !in.Skip(bytes_left))
      return {};
  }
  return Incarnation(uuid);
}

}  // namespace baton::wire
