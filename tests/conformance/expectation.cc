#include "tests/conformance/expectation.h"

#include <array>

#include "common/model/states.h"

namespace baton::conformance {
namespace {

using engine::FirstProblem;
using engine::JsonFields;
using Kind = JsonView::Kind;
using Names = std::string_view;

constexpr std::array<Names, 3> kRefusal{"error", "error_stage", "missing"};
constexpr std::array<Names, 5> kRun{"flow_state", "run_states", "suspended", "atoms", "order"};
constexpr std::array<Names, 10> kAtom{"state",   "intention",      "executions", "reverts", "result",
                                      "failure", "revert_failure", "history",    "asked",   "last_revert"};
constexpr std::array<Names, 3> kLastRevert{"result", "failures", "args"};
constexpr std::int64_t kCallsMax = 1'000'000'000;

/// Checks one expectation. Places are named as in the case: expect.atoms."a".state
class Checker {
 public:
  explicit Checker(FirstProblem& problem) : problem_(problem) {}

  void refusal(const JsonView& json, const std::string& place) {
    const JsonFields fields(problem_, json, place, kRefusal);
    fields.text("error");
    const std::string stage = fields.text("error_stage");
    if (stage != "build" && stage != "compile" && stage != "validate")
      fields.refuse("error_stage", "must be build, compile or validate, not " + quoted(stage));
    fields.texts("missing");
  }

  void run(const JsonView& json, const std::string& place) {
    const JsonFields fields(problem_, json, place, kRun);
    flow_state(fields, "flow_state", fields.text("flow_state"));
    for (const std::string& state : fields.texts("run_states"))
      if (state != "CRASH") flow_state(fields, "run_states", state);
    if (const auto found = fields.find("suspended", Kind::Array))
      for (const JsonView& item : found->items()) states(item, fields.place_of("suspended"));
    if (!fields.find("atoms")) problem_.add(place, "needs the member \"atoms\"");
    if (const auto found = fields.find("atoms", Kind::Object))
      for (const auto& [name, value] : found->members())
        atom(value, fields.place_of("atoms") + "." + quoted(name));
    if (const auto found = fields.find("order", Kind::Array))
      for (const JsonView& item : found->items()) pair(item, fields.place_of("order"));
  }

 private:
  void flow_state(const JsonFields& fields, std::string_view member, const std::string& name) {
    if (!flow_state_from(name)) fields.refuse(member, "no flow is ever " + quoted(name));
  }

  void states(const JsonView& json, const std::string& place) {
    if (json.kind() != Kind::Object) return problem_.add(place, "must hold objects of atom -> state");
    for (const auto& [name, value] : json.members())
      if (value.kind() != Kind::String || !atom_state_from(value.text()))
        problem_.add(place, "no state of " + quoted(name) + ": " + std::string(value.raw()));
  }

  void pair(const JsonView& json, const std::string& place) {
    const auto is_event = [](const JsonView& item) {
      if (item.kind() != Kind::String) return false;
      const std::string text = item.text();
      return text.starts_with("execute:") || text.starts_with("revert:");
    };
    const auto items = json.kind() == Kind::Array ? json.items() : std::vector<JsonView>();
    if (items.size() != 2 || !is_event(items[0]) || !is_event(items[1]))
      problem_.add(place, "must hold pairs of \"execute:<atom>\" or \"revert:<atom>\", not " +
                              std::string(json.raw()));
  }

  void atom(const JsonView& json, const std::string& place) {
    const JsonFields fields(problem_, json, place, kAtom);
    if (problem_.any()) return;
    const std::string state = fields.text("state");
    if (!atom_state_from(state)) fields.refuse("state", "no atom is ever " + quoted(state));
    if (const std::string intention = fields.text_or_empty("intention");
        !intention.empty() && intention != "*" && !intention_from(intention))
      fields.refuse("intention", "no atom has the intention " + quoted(intention));
    if (json.at("result") && state != "SUCCESS")
      fields.refuse("result", "is given when the state is SUCCESS, not " + state);
    fields.integer("executions", 0, 0, kCallsMax);
    fields.integer("reverts", 0, 0, kCallsMax);
    fields.boolean("failure", false);
    fields.boolean("revert_failure", false);
    fields.texts("asked");
    if (const auto found = fields.find("history", Kind::Array))
      for (const JsonView& item : found->items())
        if (item.kind() != Kind::Array || item.items().size() != 2)
          fields.refuse("history", "must hold pairs of value and atoms, not " + std::string(item.raw()));
    if (const auto found = fields.find("last_revert")) last_revert(*found, fields.place_of("last_revert"));
  }

  void last_revert(const JsonView& json, const std::string& place) {
    const JsonFields fields(problem_, json, place, kLastRevert);
    fields.texts("failures");
    fields.find("args", Kind::Object);
  }

  FirstProblem& problem_;
};

}  // namespace

void check_expectation(FirstProblem& problem, JsonView expect, const std::string& place) {
  if (expect.kind() != Kind::Object) return problem.add(place, "must be an object");
  expect.at("error") ? Checker(problem).refusal(expect, place) : Checker(problem).run(expect, place);
}

}  // namespace baton::conformance
