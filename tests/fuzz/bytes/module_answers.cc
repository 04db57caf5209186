#include "common/modules/flow_parameters.h"
#include "common/modules/sink.h"
#include "engine/flow.h"
#include "engine/plan.h"
#include "tests/fuzz/bytes/expectations.h"
#include "worker/command_answer.h"

/// What task code says: a module's task or flow factory over the ABI, a command on stdout and stderr. It is
/// the author's, and may be anything.
namespace {

using namespace baton;
using fuzz::expect;

constexpr std::size_t kParametersToldMax = 17 * kKiB;  // all that is wrong is told, and all that are known

void check(const Failure& failure) {
  expect(!failure.type.empty(), "a failure has a type");
  expect(failure.type.size() <= kNameBytesMax, "a failure's type is bounded");
  fuzz::expect_storable(failure.type, "a failure's type");
  expect(failure.message.size() <= kFailureTextBytesMax, "a failure's message is bounded");
  fuzz::expect_storable(failure.message, "a failure's message");
  expect(failure.details.json().size() <= kFailureTextBytesMax, "a failure's details are bounded");
  expect(Value::parse(failure.details.json()).ok(), "a failure's details can be kept");
  expect(Failure::from_value(failure.to_value()) == failure, "a failure that is kept and read");
}

/// The same again by who reads it from the wire: nothing grows, nothing is cut twice.
void check(const std::variant<Value, Failure>& outcome) {
  if (const auto* value = std::get_if<Value>(&outcome))
    return expect(Value::parse(value->json(), kResultBytesMax).ok(), "a result that can be kept");
  const auto& failure = std::get<Failure>(outcome);
  check(failure);
  expect(Failure::make(failure.type, failure.message, failure.details) == failure,
         "a failure that was made is one");
}

std::variant<Value, Failure> said(std::string_view bytes, int failed) {
  modules::Sink sink(kResultBytesMax);
  const auto abi = sink.abi();
  abi.write(abi.host, failed, modules::bytes_of(bytes));
  return std::move(sink).outcome();
}

worker::TaskOutcome commanded(std::string_view output, worker::CommandEnd::How how, int number,
                              bool text = false) {
  worker::CommandRun run;
  run.argv = {"program"};
  return worker::answer_of(run, {how, number, std::string(output), std::string(output)}, text);
}

/// A flow of a module goes the way of a posted one.
void check_flow(const Value& value) {
  const auto spec = engine::read_flow(value);
  if (!spec.ok()) return fuzz::expect_told(spec.error().message);
  const auto plan = engine::compile(*spec, {});
  if (!plan.ok()) return fuzz::expect_told(plan.error().message);
  const auto stored = engine::encode(**plan);
  const auto read = engine::decode(stored);
  expect(read.ok() && engine::encode(**read) == stored, "a plan that is stored and read");
}

/// What a factory declares, and what a poster gives to it: the same bytes stand for both.
void check_parameters(std::string_view bytes) {
  const auto declared = modules::FlowParameters::parse(bytes);
  if (!declared.ok()) return fuzz::expect_told(declared.error(), kParametersToldMax);
  for (const char* given : {"[]", "[1, \"two\", [3], {}]"}) {
    const auto bound = declared->bind("flow", Value::from_stored(given), declared->declared());
    if (bound.ok())
      expect(bound->tree().is_object(), "what is bound is an object");
    else
      fuzz::expect_told(bound.error().message, kParametersToldMax);
  }
}

void check_answers(std::string_view bytes) {
  using How = worker::CommandEnd::How;
  check(said(bytes, 0));
  check(said(bytes, 1));
  check(commanded(bytes, How::Exited, 0));
  check(commanded(bytes, How::Exited, 0, true));
  check(commanded(bytes, How::Exited, 3));
  check(commanded(bytes, How::Signalled, 11));
  check(commanded(bytes, How::TimedOut, 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  check_answers(bytes);
  if (size % 8 == 1)
    check_answers(fuzz::repeated(bytes, kFailureTextBytesMax + 1));  // not always: it takes long
  check_parameters(bytes);
  if (const auto value = Value::parse(bytes); value.ok()) check_flow(*value);
  return 0;
}
