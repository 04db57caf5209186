#include "tests/conformance/observed.h"

#include <algorithm>

namespace baton::conformance {
namespace {

std::string call_name(const std::string& atom, Intention call, std::size_t nth) {
  std::string name = (call == Intention::Execute ? "execute:" : "revert:") + atom;
  if (nth > 1) name += "#" + std::to_string(nth);
  return name;
}

bool is_failure(const boost::json::object& object) {
  const auto* type = object.if_contains("type");
  if (!type || !type->is_string() || !object.contains("message")) return false;
  const std::string_view name = type->get_string();
  return name == kScriptedFailure || name == failure_type::kTimedOut || name == failure_type::kCancelled;
}

}  // namespace

std::size_t CallLog::begin(const std::string& atom, Intention call) {
  const std::size_t nth = ++counts_[{atom, call}];
  calls_.push_back(call_name(atom, call, nth));
  return nth;
}

void CallLog::take_back(const std::string& atom, Intention call) {
  const std::size_t nth = counts_[{atom, call}]--;
  std::erase(calls_, call_name(atom, call, nth));
}

std::size_t CallLog::count(const std::string& atom, Intention call) const {
  const auto found = counts_.find({atom, call});
  return found == counts_.end() ? 0 : found->second;
}

boost::json::value shown(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    if (is_failure(*object)) return boost::json::object{{"$failure", true}};
    boost::json::object copy;
    for (const auto& [key, item] : *object) copy[key] = shown(item);
    return copy;
  }
  if (const auto* array = value.if_array()) {
    boost::json::array copy;
    for (const auto& item : *array) copy.push_back(shown(item));
    return copy;
  }
  return value;
}

void Deeds::add(const Deeds& more) {
  executed += more.executed;
  reverted += more.reverted;
  messages += more.messages;
  commits += more.commits;
  facts += more.facts;
  crashes += more.crashes;
  suspends += more.suspends;
  threads_max = std::max(threads_max, more.threads_max);
  for (std::size_t i = 0; i < more.processes; ++i) saw_process(more.pids[i]);
}

void Deeds::saw_process(pid_t pid) {
  const auto end = pids.begin() + static_cast<std::ptrdiff_t>(processes);
  if (processes < kProcessesMax && std::find(pids.begin(), end, pid) == end) pids[processes++] = pid;
}

}  // namespace baton::conformance
