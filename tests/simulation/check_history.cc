#include "common/ports/history_data.h"
#include "tests/simulation/replay.h"
#include "tests/simulation/verdict.h"

/// P2, as people see it: the history tells every fact that was accepted, once, in order, and nothing else.
namespace baton::simulation {
namespace {

constexpr std::uint32_t kRowsMax = 100'000;

std::string row_words(const std::string& atom, std::string_view state, Attempt attempt, Dispatch dispatch) {
  return (atom.empty() ? "the flow" : atom) + " " + std::string(state) + " #" + std::to_string(attempt) +
         "/" + std::to_string(dispatch);
}

/// Range facts and changes of intention have no state of their own.
std::optional<std::string> told_of(const Fact& fact, const engine::Plan& plan) {
  if (const auto* flow = std::get_if<FlowFact>(&fact.body))
    return row_words("", to_string(flow->state), 0, 0);
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  if (!atom || ports::only_intention(*atom)) return std::nullopt;
  return row_words(plan.name(atom->atom), to_string(atom->after.state), atom->after.attempt,
                   atom->after.dispatch);
}

std::vector<std::string> accepted(const World& world, const JobId& job) {
  std::vector<std::string> lines;
  for (const AcceptedStep& step : world.evidence.steps) {
    if (step.job != job) continue;
    if (step.refused) lines.push_back(row_words("", to_string(*step.refused), 0, 0));
    for (const Fact& fact : step.facts)
      if (auto line = told_of(fact, *world.evidence.plans.at(step.flow))) lines.push_back(*std::move(line));
  }
  return lines;
}

std::vector<std::string> told(const World& world, const JobId& job) {
  std::vector<std::string> lines;
  const auto page = world.database->history(job, 0, kRowsMax);
  if (!page.ok()) return lines;
  for (const auto& row : page->rows)
    if (!row.state.empty()) lines.push_back(row_words(row.atom, row.state, row.attempt, row.dispatch));
  return lines;
}

}  // namespace

void check_history(const World& world, Verdict& verdict) {
  for (const ScriptedJob& job : world.jobs) {
    const auto wanted = accepted(world, job.uuid), got = told(world, job.uuid);
    if (wanted == got) continue;
    std::size_t same = 0;
    while (same < wanted.size() && same < got.size() && wanted[same] == got[same]) ++same;
    verdict.broken(Promise::P2, job.uuid.value + ": its history has " + std::to_string(got.size()) + " of " +
                                    std::to_string(wanted.size()) + " states; the first other one is '" +
                                    (same < got.size() ? got[same] : "nothing") + "' instead of '" +
                                    (same < wanted.size() ? wanted[same] : "nothing") + "'");
  }
}

}  // namespace baton::simulation
