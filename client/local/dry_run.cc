#include "client/local/dry_run.h"

#include <boost/json/array.hpp>
#include <ostream>

#include "client/command/plan_outlook.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

namespace json = boost::json;

using Names = std::vector<std::string>;

constexpr const char* kNothing = "nothing was run, nothing was changed\n";

/// What is ahead of a run, by name.
struct Ahead {
  Names first, run, revert, kept;
};

void sort_in(const engine::Engine& engine, AtomIndex atom, Ahead& ahead) {
  const AtomRecord& record = engine.atom(atom);
  const auto& name = engine.plan().name(atom);
  switch (record.state) {
    case AtomState::Pending:
    case AtomState::Running:
    case AtomState::Retrying:
      if (record.intention == Intention::Execute) ahead.run.push_back(name);
      return;
    case AtomState::Success:
    case AtomState::Failure:
    case AtomState::Reverting:
      if (record.intention == Intention::Revert || record.intention == Intention::Retry)
        ahead.revert.push_back(name);
      else if (record.state == AtomState::Success)
        ahead.kept.push_back(name);
      return;
    case AtomState::Ignore:
      return ahead.kept.push_back(name);
    case AtomState::Reverted:
    case AtomState::RevertFailure:
      return;
  }
}

Ahead ahead_of(const engine::Engine& engine, const engine::StepOutput& step) {
  Ahead ahead;
  for (AtomIndex atom = 0; atom < engine.plan().size(); ++atom) sort_in(engine, atom, ahead);
  for (const auto& command : step.commands)
    if (const auto* place = std::get_if<engine::Place>(&command))
      for (const AtomIndex atom : place->atoms) ahead.first.push_back(engine.plan().name(atom));
  return ahead;
}

json::array array_of(const Names& names) {
  return json::array(names.begin(), names.end());
}

void print_names(std::ostream& out, const char* what, const Names& names) {
  if (!names.empty()) out << "  " << what << name_list(names) << "\n";
}

void print_ahead(std::ostream& out, const local::Beginning& begin, FlowState state, const Ahead& ahead) {
  const std::string run =
      "run " + std::to_string(begin.run) + " of the flow '" + shown_name(begin.plan->flow_name()) + "'";
  out << "would " << (begin.asked ? "begin " + run : "go on with " + run) << ", then " << to_string(state)
      << "\n";
  print_names(out, "begins with  ", ahead.first);
  print_names(out, "runs         ", ahead.run);
  print_names(out, "reverts      ", ahead.revert);
  print_names(out, "keeps        ", ahead.kept);
  out << kNothing;
}

Ended tell_plan(const Context& context, const RunOptions& options, const engine::Plan& plan) {
  auto told = plan_outlook(plan, nullptr);
  if (!context.json) {
    print_outlook(context.out, told, false);
    context.out << "would be run in this process"
                << (options.state.empty() ? "" : ", and kept in " + options.state) << "; " << kNothing;
    return Ended::Success;
  }
  told["dry_run"] = true;
  return print_value(context, told), Ended::Success;
}

}  // namespace

Ended tell_dry_run(const Context& context, const RunOptions& options, const LocalSession& session) {
  const auto& begin = session.beginning();
  if (begin.atoms.empty()) return tell_plan(context, options, session.plan());
  engine::StepOutput step;
  const auto engine = session.try_first_step(step);
  if (!engine.ok()) return refuse_as(context, Ended::Unreachable, "the run cannot go on: " + engine.error());
  const auto ahead = ahead_of(**engine, step);
  const auto state = (*engine)->state();
  if (!context.json) return print_ahead(context.out, begin, state, ahead), Ended::Success;
  print_value(context, json::object{{"flow", session.plan().flow_name()},
                                    {"run", begin.run},
                                    {"state", to_string(state)},
                                    {"begins_with", array_of(ahead.first)},
                                    {"runs", array_of(ahead.run)},
                                    {"reverts", array_of(ahead.revert)},
                                    {"keeps", array_of(ahead.kept)},
                                    {"dry_run", true}});
  return Ended::Success;
}

}  // namespace baton::client
