#include "tests/conformance/cast.h"

#include <algorithm>

namespace baton::conformance {
namespace {

Failure scripted(const char* what, std::size_t nth) {
  return Failure::make(kScriptedFailure, what + std::string(" ") + std::to_string(nth));
}

}  // namespace

Cast::Turn Cast::task(const TaskCall& call) {
  const Script& script = script_of(call.atom);
  return call.intention == Intention::Execute ? execute(call, script) : revert(call, script);
}

Cast::Turn Cast::execute(const TaskCall& call, const Script& script) {
  ++deeds_.executed;
  const std::size_t nth = seen_.calls.begin(call.atom, call.intention);
  if (nth <= script.silent_first) return {Value(), 0, true};
  if (nth <= script.fail_first) return {scripted("execution", nth), script.slow_seconds};
  if (!script.result_seq.empty())
    return {script.result_seq[std::min(nth, script.result_seq.size()) - 1], script.slow_seconds};
  return {script.echo ? call.arguments : script.result, script.slow_seconds};
}

Cast::Turn Cast::revert(const TaskCall& call, const Script& script) {
  ++deeds_.reverted;
  const std::size_t nth = seen_.calls.begin(call.atom, call.intention);
  LastRevert& last = seen_.last_reverts[call.atom];
  last.result = call.failure ? call.failure->to_value().tree() : call.result.tree();
  last.arguments = call.arguments.tree().as_object();
  if (nth <= script.revert_fail_first) return {scripted("revert", nth), 0};
  return {Value(), 0};
}

std::optional<Failure> Cast::retry(const std::string& name, Intention call) {
  const Script& script = script_of(name);
  const std::size_t nth = seen_.calls.begin(name, call);
  if (nth > (call == Intention::Execute ? script.fail_first : script.revert_fail_first)) return std::nullopt;
  return scripted(call == Intention::Execute ? "execution" : "revert", nth);
}

const Script& Cast::script_of(const std::string& atom) const {
  static const Script kNothing;
  const auto found = case_.script.find(atom);
  return found == case_.script.end() ? kNothing : found->second;
}

}  // namespace baton::conformance
