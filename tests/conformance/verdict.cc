#include "tests/conformance/verdict.h"

#include <algorithm>

namespace baton::conformance {
namespace {

namespace json = boost::json;

/// Collects what differs in one case.
class Judge {
 public:
  Judge(const Case& one, const Observed& seen) : case_(one), expect_(one.expect), seen_(seen) {}

  std::vector<std::string> judge() {
    for (const std::string& defect : seen_.defects) differs_.push_back("defect: " + defect);
    if (expect_.contains("error") || seen_.error) {
      judge_error();
      return differs_;
    }
    judge_run_states();
    judge_suspended();
    for (const auto& [name, expected] : expect_.at("atoms").as_object())
      judge_atom(std::string(name), expected.as_object());
    for (const auto& [name, atom] : seen_.atoms)
      if (!expect_.at("atoms").as_object().contains(name)) differs_.push_back(name + ": not in the case");
    judge_order();
    return differs_;
  }

 private:
  void compare(const std::string& what, const json::value& expected, const json::value& got) {
    if (expected != got)
      differs_.push_back(what + ": expected " + json::serialize(expected) + ", got " + json::serialize(got));
  }

  static json::value member(const json::object& object, std::string_view name, json::value fallback) {
    const auto* found = object.if_contains(json::string_view(name.data(), name.size()));
    return found ? *found : std::move(fallback);
  }

  void judge_error() {
    json::object got;
    if (seen_.error) {
      got["error"] = seen_.error->kind;
      got["error_stage"] = seen_.error->stage;
      if (expect_.contains("missing"))
        got["missing"] = json::array(seen_.error->missing.begin(), seen_.error->missing.end());
    } else {
      got["flow_state"] = seen_.run_states.back();
    }
    compare("error", expect_, got);
  }

  void judge_run_states() {
    json::string state = expect_.at("flow_state").as_string();
    json::array states = member(expect_, "run_states", json::array{state}).as_array();
    // TaskFlow hides a failed revert, or an unresolved failure, in a later run; Baton does not.
    if (case_.tags.contains("quirk:reverted-despite-revert-failure") ||
        case_.tags.contains("quirk:reverted-despite-failure"))
      state = "FAILURE", states.back() = "FAILURE";
    compare("run_states", states, json::array(seen_.run_states.begin(), seen_.run_states.end()));
    compare("flow_state", state, json::string(seen_.run_states.back()));
  }

  void judge_suspended() {
    json::array got;
    for (const auto& states : seen_.suspended) {
      json::object each;
      for (const auto& [atom, state] : states) each[atom] = state;
      got.push_back(std::move(each));
    }
    compare("suspended", member(expect_, "suspended", json::array()), got);
  }

  void judge_atom(const std::string& name, const json::object& expected) {
    const auto found = seen_.atoms.find(name);
    if (found == seen_.atoms.end()) return differs_.push_back(name + ": no such atom");
    const AtomRecord& atom = found->second;
    const RetryHistory history = atom.history ? *atom.history : RetryHistory();
    compare(name + ".state", expected.at("state"), json::string(to_string(atom.state)));
    const json::value intention = member(expected, "intention", "EXECUTE");
    if (intention != "*") compare(name + ".intention", intention, json::string(to_string(atom.intention)));
    compare(name + ".executions", member(expected, "executions", 0),
            seen_.calls.count(name, Intention::Execute));
    compare(name + ".reverts", member(expected, "reverts", 0), seen_.calls.count(name, Intention::Revert));
    if (atom.state == AtomState::Success)
      compare(name + ".result", member(expected, "result", nullptr),
              shown(history.empty() ? atom.result.tree() : history.back().value.tree()));
    const bool told = atom.state != AtomState::Pending && atom.state != AtomState::Ignore;
    compare(name + ".failure", member(expected, "failure", false), told && atom.failure.has_value());
    compare(name + ".revert_failure", member(expected, "revert_failure", false),
            atom.revert_failure.has_value());
    if (expected.contains("history")) compare(name + ".history", expected.at("history"), shown(history));
    if (expected.contains("asked")) judge_asked(name, expected.at("asked").as_array());
    if (expected.contains("last_revert")) judge_last_revert(name, expected.at("last_revert").as_object());
  }

  static json::value shown(const json::value& value) { return conformance::shown(value); }
  static json::value shown(const RetryHistory& history) {
    json::array entries;
    for (const RetryEntry& entry : history) {
      std::vector<std::string> names;
      for (const auto& [atom, failure] : entry.failures) names.push_back(atom);
      std::sort(names.begin(), names.end());
      entries.push_back(json::array{shown(entry.value.tree()), json::array(names.begin(), names.end())});
    }
    return entries;
  }

  /// A restored TaskFlow asks again what Baton has on record.
  void judge_asked(const std::string& name, const json::array& expected) {
    const auto found = seen_.asked.find(name);
    json::array got;
    if (found != seen_.asked.end()) got = json::array(found->second.begin(), found->second.end());
    const bool restored = !case_.crashes.empty() || !case_.suspends.empty();
    compare(name + ".asked", restored ? without_repeats(expected) : expected,
            restored ? without_repeats(got) : got);
  }

  static json::array without_repeats(const json::array& answers) {
    json::array rest;
    for (const auto& answer : answers)
      if (rest.empty() || rest.back() != answer) rest.push_back(answer);
    return rest;
  }

  void judge_last_revert(const std::string& name, const json::object& expected) {
    const auto found = seen_.last_reverts.find(name);
    if (found == seen_.last_reverts.end()) return differs_.push_back(name + ".last_revert: never reverted");
    compare(name + ".last_revert.result", member(expected, "result", nullptr), shown(found->second.result));
    compare(name + ".last_revert.args", member(expected, "args", json::object()),
            shown(found->second.arguments));
  }

  void judge_order() {
    const auto* order = expect_.if_contains("order");
    if (!order) return;
    const auto& calls = seen_.calls.calls();
    for (const auto& pair : order->as_array()) {
      const auto place = [&](std::size_t i) {
        return std::find(calls.begin(), calls.end(), std::string(pair.as_array()[i].as_string()));
      };
      if (place(0) == calls.end() || place(1) == calls.end() || place(0) >= place(1))
        differs_.push_back("order: " + json::serialize(pair) + " does not hold");
    }
  }

  const Case& case_;
  const json::object& expect_;
  const Observed& seen_;
  std::vector<std::string> differs_;
};

}  // namespace

std::string skipped_because(const Case& one) {
  for (const char* tag : {"quirk:engine-error-no-revert", "quirk:left-running"})
    if (one.tags.contains(tag)) return tag;
  return {};
}

std::vector<std::string> differences(const Case& one, const Observed& seen) {
  return Judge(one, seen).judge();
}

}  // namespace baton::conformance
