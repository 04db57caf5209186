#include "common/wire/messages.h"
#include "tests/fuzz/bytes/expectations.h"

/// What comes out of a Kafka partition: of our version, of another one, or no message at all.
namespace {

using namespace baton;
using fuzz::expect;

constexpr Micros kCentury{std::int64_t{100} * 365 * 24 * 3600 * 1'000'000};

void check(const wire::DeliveryId& delivery) {
  expect(!delivery.atom.empty(), "an atom's name");
}

void check_one(const Failure& failure) {
  expect(failure.type.size() <= kNameBytesMax, "a failure's type is bounded");
  expect(failure.message.size() <= kFailureTextBytesMax, "a failure's message is bounded");
  expect(failure.details.json().size() <= kFailureTextBytesMax, "a failure's details are bounded");
  fuzz::expect_storable(failure.type, "a failure's type");
  fuzz::expect_storable(failure.message, "a failure's message");
  expect(Value::parse(failure.details.json()).ok(), "a failure's details can be kept");
}

/// Said at length, too.
void check(const Failure& failure) {
  const auto long_one = [](std::string_view text) { return fuzz::repeated(text, kFailureTextBytesMax + 1); };
  check_one(failure);
  check_one(Failure::make(failure.type, long_one(failure.message),
                          Value::of_string(long_one(failure.details.json()))));
}

void check(const wire::Requests& requests) {
  for (const auto& request : requests.requests) {
    check(request.delivery);
    expect(Value::parse(request.arguments.json()).ok(), "arguments that can be kept");
    expect(request.result.json().size() <= kResultBytesMax, "a result's bound");
    if (request.failure) check(*request.failure);
    for (const auto& [atom, failure] : request.flow_failures) check(failure);
    if (request.start_to_close)
      expect(*request.start_to_close > Millis{0} && *request.start_to_close <= kCentury * 1000, "a time");
  }
}

void check(const wire::Answers& answers) {
  for (const auto& answer : answers.answers) {
    check(answer.delivery);
    expect(answer.ran_for >= Micros{0} && answer.ran_for <= kCentury, "a time");
    if (const auto* result = std::get_if<Value>(&answer.what))
      expect(Value::parse(result->json(), kResultBytesMax).ok(), "a result that can be kept");
    if (const auto* failure = std::get_if<Failure>(&answer.what)) check(*failure);
    if (const auto* none = std::get_if<wire::NotRun>(&answer.what)) fuzz::expect_storable(none->why, "why");
  }
}

void check(const wire::Report& report) {
  for (const auto& holding : report.holdings) {
    check(holding.delivery);
    expect(holding.progress >= 0 && holding.progress <= 1, "a share");
    fuzz::expect_storable(holding.progress_note, "a note");
  }
}

void check(const wire::Cancel& cancel) {
  check(cancel.delivery);
  fuzz::expect_storable(cancel.why, "why");
}

void check(const wire::Probe& probe) {
  check(probe.delivery);
}

void check(const wire::Recorded& recorded) {
  for (const auto& delivery : recorded.deliveries) check(delivery);
}

void check(const wire::Echo&) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto message = wire::decode(bytes);
  const auto addressee = wire::addressee(bytes);
  if (!message.ok()) {
    fuzz::expect_told(message.error().message);
    if (!message.error().to.value.is_nil()) expect(addressee == message.error().to, "one addressee");
    return 0;
  }
  expect(addressee == message->to, "one addressee");
  std::visit([](const auto& body) { check(body); }, message->body);
  const auto written = wire::encode(*message);
  const auto again = wire::decode(written);
  expect(again.ok(), "what was read and written can be read");
  expect(again->to == message->to && again->from == message->from &&
             again->reply_partition == message->reply_partition,
         "the same envelope");
  expect(wire::encode(*again) == written, "the same bytes");
  return 0;
}
