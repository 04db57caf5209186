#include <map>

#include "tests/simulation/verdict.h"

/// P1: a job that was claimed once ends in exactly one recorded final state per run.
namespace baton::simulation {
namespace {

using Runs = std::map<std::uint32_t, std::vector<FlowState>>;  // final states, in the order of recording

std::map<JobId, Runs> recorded_ends(const World& world) {
  std::map<JobId, Runs> ends;
  for (const AcceptedStep& step : world.evidence.steps) {
    auto& run = ends[step.job][step.run];
    if (step.refused) run.push_back(*step.refused);
    for (const Fact& fact : step.facts)
      if (const auto* flow = std::get_if<FlowFact>(&fact.body); flow && is_final(flow->state))
        run.push_back(flow->state);
  }
  return ends;
}

void check_run(const ScriptedJob& job, std::uint32_t run, const std::vector<FlowState>& ends,
               Verdict& verdict) {
  const std::string which = job.uuid.value + " run " + std::to_string(run);
  if (ends.size() > 1)
    verdict.broken(Promise::P1, which + " has " + std::to_string(ends.size()) + " final states");
  if (ends.empty()) verdict.broken(Promise::P1, which + " has no final state");
}

/// Nothing in it fails by itself, and the cloud has answered: then it has no reason to, unless it was asked.
bool was_cancelled(const World& world, const JobId& job) {
  for (const AcceptedStep& step : world.evidence.steps)
    for (const auto& taken : step.orders)
      if (step.job == job && taken.record.order.kind == OrderKind::Cancel && taken.no_effect.empty())
        return true;
  return false;
}

void check_sound(const World& world, const ScriptedJob& job, FlowState state, Verdict& verdict) {
  if (!job.sound || was_cancelled(world, job.uuid) || world.evidence.cloud_was_away ||
      state == FlowState::Success)
    return;
  verdict.broken(Promise::P1, job.uuid.value + " ended " + std::string(to_string(state)) +
                                  " though none of its tasks fails");
}

/// A path stands for one node, but where the board begins to count anew.
void check_noted(const World& world, const NotedRemoval& noted, Verdict& verdict) {
  for (const Consumed& node : world.evidence.consumed)
    if (node.path == noted.path && node.job == noted.job && node.run == noted.run && node.at > noted.at)
      verdict.broken(Promise::P1, noted.by + " noted that " + noted.path + " of " + noted.job.value +
                                      " had left the board while it stood there");
}

void check_job(const World& world, const ScriptedJob& job, Runs runs, Verdict& verdict) {
  const auto known = world.database->summaries({job.uuid});
  if (known->empty())
    return verdict.broken(Promise::P1, job.uuid.value + " is lost: the database does not know it");
  const auto& summary = known->front();
  for (std::uint32_t run = 1; run <= summary.run; ++run) {
    const bool forgotten = run < summary.run && world.database->forgot_end(job.uuid, run);
    if (!forgotten || !runs[run].empty()) check_run(job, run, runs[run], verdict);
  }
  if (summary.run < job.runs) verdict.broken(Promise::P1, job.uuid.value + " was not run again");
  const auto& last = runs[summary.run];
  if (!last.empty() && last.back() != summary.state)
    verdict.broken(Promise::P1, job.uuid.value + " ended " + std::string(to_string(last.back())) +
                                    " and is shown as " + std::string(to_string(summary.state)));
  check_sound(world, job, summary.state, verdict);
}

}  // namespace

void check_final_states(const World& world, Verdict& verdict) {
  auto ends = recorded_ends(world);
  for (const ScriptedJob& job : world.jobs) check_job(world, job, ends[job.uuid], verdict);
  for (const Consumed& node : world.evidence.consumed)
    if (!node.was_final && !node.duplicate)
      verdict.broken(Promise::P1, node.by + " took " + node.job.value + " run " + std::to_string(node.run) +
                                      " from the board before its end was recorded");
  if (world.lot.loss != Loss::BoardWiped && world.lot.loss != Loss::BoardRestored)
    for (const NotedRemoval& noted : world.evidence.noted) check_noted(world, noted, verdict);
  for (const auto& name : world.ensemble.children(World::kBoard))
    verdict.broken(Promise::P1, name + " is still on the board");
}

}  // namespace baton::simulation
