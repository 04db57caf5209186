#include <algorithm>

#include "tests/simulation/replay.h"
#include "tests/simulation/verdict.h"
#include "tests/simulation/words.h"

/// P4, its first half: an execution is over before its atom fails, is tried again or is reverted (I17), or
/// its worker was gone, or the record says that it was abandoned. Where targets check tokens nothing may come
/// of it; this looks whether anything could.
namespace baton::simulation {
namespace {

using Call = std::tuple<FlowId, std::string, Attempt>;

class Closings {
 public:
  Closings(const World& world, Verdict& verdict) : world_(world), verdict_(verdict) {
    for (const Execution& execution : world.evidence.executions) {
      const auto& id = execution.delivery;
      const bool forgotten = world.database->forgot(id) || world.database->forgot_outcome(id);
      if (id.intention == Intention::Execute && !forgotten)
        executions_[{id.flow, id.atom, id.attempt}].push_back(&execution);
    }
  }

  void see(const Replay&, const AcceptedStep&, const Fact&);

 private:
  bool runs_at(const Execution&, Micros) const;

  const World& world_;
  Verdict& verdict_;
  std::map<Call, std::vector<const Execution*>> executions_;
  std::map<std::pair<FlowId, AtomIndex>, Micros> delivered_;  // the last delivery, when it was recorded
};

/// It says so itself; or nobody waited for the worker: it has said nothing for a whole heartbeat.
bool is_excused(const AtomRecord& was, const AtomRecord& is, const engine::TaskSpec& task) {
  if (!was.delivery) return true;
  if (is.state != AtomState::Failure) return task.timeouts.or_default().heartbeat.has_value();
  const Failure& failure = *is.failure;
  const auto says = [&](const char* what) { return failure.message.find(what) != std::string::npos; };
  return failure.type == failure_type::kWorkerLost || says("abandoned") || says("its worker is gone");
}

void Closings::see(const Replay& replay, const AcceptedStep& step, const Fact& fact) {
  const auto* change = std::get_if<AtomFact>(&fact.body);
  if (!change || !replay.is_task(change->atom)) return;
  const AtomRecord &was = replay.atom(change->atom), &is = change->after;
  const bool over = is.state == AtomState::Failure || is.state == AtomState::Reverting;
  Micros& delivered = delivered_[{step.flow, change->atom}];
  const Micros since = std::exchange(delivered, is.dispatch == was.dispatch ? delivered : step.at);
  if (was.state != AtomState::Running || !over || is_excused(was, is, replay.plan().task(change->atom)))
    return;
  const std::string& name = replay.plan().name(change->atom);
  const auto found = executions_.find({step.flow, name, was.attempt});
  if (found == executions_.end()) return;
  for (const Execution* execution : found->second) {
    if (runs_at(*execution, step.at) && execution->worker == was.delivery->worker &&
        !world_.evidence.was_gone(execution->worker, since, step.at))
      verdict_.broken(Promise::P4, step.job.value + ": " + name + " #" + std::to_string(was.attempt) +
                                       " is recorded as " + std::string(to_string(is.state)) + " while " +
                                       execution->by + " runs it");
  }
}

bool Closings::runs_at(const Execution& execution, Micros at) const {
  const auto died = world_.evidence.died.find(execution.by);
  return execution.began <= at && (!execution.ended || *execution.ended > at) &&
         (died == world_.evidence.died.end() || died->second > at);
}

}  // namespace

void check_closings(const World& world, Verdict& verdict) {
  Closings closings(world, verdict);
  replay_all(
      world,
      [&](const Replay& replay, const AcceptedStep& step, const Fact& fact) {
        closings.see(replay, step, fact);
      },
      [](const Replay&, const FlowId&) {});
}

}  // namespace baton::simulation
