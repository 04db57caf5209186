#include <algorithm>
#include <set>

#include "tests/simulation/replay.h"
#include "tests/simulation/verdict.h"

/// P4: every executed atom of a failed scope has one recorded revert per rollback, in order; and the cloud,
/// which checks tokens, has what the final states say and nothing else.
namespace baton::simulation {
namespace {

class Reverts {
 public:
  Reverts(const World& world, Verdict& verdict) : world_(world), verdict_(verdict) {
    for (const Execution& execution : world.evidence.executions)
      if (execution.delivery.intention == Intention::Execute && !world.database->forgot(execution.delivery))
        executed_.insert({execution.delivery.flow, execution.delivery.atom, execution.delivery.attempt});
  }

  void see(const Replay&, const AcceptedStep&, const Fact&);
  void end(const Replay&, const FlowId&);

 private:
  using Attempted = std::tuple<FlowId, std::string, Attempt>;

  void say(const FlowId& flow, const Replay& replay, AtomIndex atom, const std::string& what) {
    verdict_.broken(Promise::P4, world_.trace.of(flow) + ": " + replay.plan().name(atom) + " " + what);
  }
  void check_order(const Replay&, const AcceptedStep&, AtomIndex);
  void end(const Replay&, const FlowId&, AtomIndex);
  void check_cloud(const Replay&, const FlowId&, AtomIndex);
  bool made_by_forgotten(const Cloud::Key&) const;
  bool taken_by_forgotten(const Cloud::Key&) const;

  const World& world_;
  Verdict& verdict_;
  std::set<Attempted> executed_;       // by some worker
  std::map<Attempted, int> reverted_;  // recorded so often
  std::set<Attempted> kept_;           // by a reset of what stood
  std::set<AtomIndex> told_;           // that the flow's last end names as kept
};

bool is_cleared(const Replay& replay, AtomIndex atom) {
  switch (replay.atom(atom).state) {
    case AtomState::Pending:
    case AtomState::Reverted:
    case AtomState::Ignore:
      return true;
    case AtomState::RevertFailure:
      return replay.is_task(atom) &&
             replay.plan().task(atom).on_revert_failure == engine::OnRevertFailure::Continue;
    case AtomState::Running:
    case AtomState::Success:
    case AtomState::Failure:
    case AtomState::Reverting:
    case AtomState::Retrying:
      return false;
  }
  return false;
}

void Reverts::see(const Replay& replay, const AcceptedStep& step, const Fact& fact) {
  if (const auto* range = std::get_if<RangeFact>(&fact.body); range && range->reset)
    for (AtomIndex i = range->first; i < range->first + range->count; ++i)
      if (replay.atom(i).state == AtomState::Success || replay.atom(i).state == AtomState::Failure)
        kept_.insert({step.flow, replay.plan().name(i), replay.atom(i).attempt});
  if (const auto* ended = std::get_if<FlowFact>(&fact.body)) told_ = {ended->kept.begin(), ended->kept.end()};
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  if (!atom) return;
  const AtomState was = replay.atom(atom->atom).state, is = atom->after.state;
  if (is == AtomState::Reverting && was != is) check_order(replay, step, atom->atom);
  if (is == AtomState::Reverted && was != is)
    ++reverted_[{step.flow, replay.plan().name(atom->atom), atom->after.attempt}];
}

/// Not before what depends on it has been reverted.
void Reverts::check_order(const Replay& replay, const AcceptedStep& step, AtomIndex atom) {
  for (const AtomIndex each : replay.behind(atom))
    if (!is_cleared(replay, each))
      say(step.flow, replay, atom,
          "is reverted though " + replay.plan().name(each) + " behind it is " +
              std::string(to_string(replay.atom(each).state)));
}

void Reverts::end(const Replay& replay, const FlowId& flow) {
  for (AtomIndex atom = 0; atom < replay.size(); ++atom)
    if (replay.is_task(atom)) {
      end(replay, flow, atom);
      if (is_final(replay.flow())) check_cloud(replay, flow, atom);
    }
}

void Reverts::end(const Replay& replay, const FlowId& flow, AtomIndex atom) {
  const AtomRecord& last = replay.atom(atom);
  for (Attempt attempt = 1; attempt <= last.attempt; ++attempt) {
    const Attempted which{flow, replay.plan().name(atom), attempt};
    const auto counted = reverted_.find(which);
    const int times = counted == reverted_.end() ? 0 : counted->second;
    const std::string number = "#" + std::to_string(attempt);
    if (times > 1)
      say(flow, replay, atom, number + " is recorded as reverted " + std::to_string(times) + " times");
    const bool stands = attempt == last.attempt && !is_cleared(replay, atom);
    if (times == 0 && !stands && executed_.contains(which) && !kept_.contains(which))
      say(flow, replay, atom, number + " was executed, is gone, and no revert of it is recorded");
  }
  // A retry may give up its own scope only: what is outside keeps its effect, and the end says so.
  const bool kept =
      last.state == AtomState::Success && last.intention == Intention::Execute && told_.contains(atom);
  const bool keeps = replay.cancel() && replay.cancel()->keep;
  const bool undone =
      replay.flow() == FlowState::Reverted || (replay.flow() == FlowState::Cancelled && !keeps);
  if (undone && !is_cleared(replay, atom) && !kept)
    say(flow, replay, atom,
        "is " + std::string(to_string(last.state)) + " in a flow that is " +
            std::string(to_string(replay.flow())));
  if (replay.flow() == FlowState::Success && last.state != AtomState::Success &&
      last.state != AtomState::Ignore)
    say(flow, replay, atom, "is " + std::string(to_string(last.state)) + " in a flow that is SUCCESS");
}

void Reverts::check_cloud(const Replay& replay, const FlowId& flow, AtomIndex atom) {
  const AtomRecord& last = replay.atom(atom);
  const std::string& name = replay.plan().name(atom);
  if (!is_cleared(replay, atom) && last.state != AtomState::Success) return;  // nobody can say
  const bool wanted = last.state == AtomState::Success && world_.script_of(world_.trace.of(flow), name).calls;
  for (Attempt attempt = 1; attempt <= last.attempt; ++attempt) {
    const bool there = world_.cloud.things().contains({flow, name, attempt});
    const bool should = wanted && attempt == last.attempt;
    if (there && !should && !kept_.contains({flow, name, attempt}) &&
        !made_by_forgotten({flow, name, attempt}))
      say(flow, replay, atom, "#" + std::to_string(attempt) + " has left something in the cloud");
    if (!there && should && !taken_by_forgotten({flow, name, attempt}))
      say(flow, replay, atom, "is SUCCESS and what it made is not in the cloud");
  }
}

/// A delivery that is not on record any more, and nobody has reason to undo (docs/lost-servers.md).
bool Reverts::made_by_forgotten(const Cloud::Key& key) const {
  const Dispatch token = world_.cloud.things().at(key);
  return world_.database->forgot({key.flow, key.atom, Intention::Execute, key.attempt, token});
}

/// What was there last went by a revert that is not on record any more, by no other one.
bool Reverts::taken_by_forgotten(const Cloud::Key& key) const {
  const auto& ledger = world_.cloud.ledger();
  const auto last = std::find_if(ledger.rbegin(), ledger.rend(), [&](const CloudCall& call) {
    return call.changed && !call.creates && Cloud::Key{call.flow, call.atom, call.attempt} == key;
  });
  return last != ledger.rend() &&
         world_.database->forgot({key.flow, key.atom, Intention::Revert, key.attempt, last->dispatch});
}

}  // namespace

void check_reverts(const World& world, Verdict& verdict) {
  Reverts reverts(world, verdict);
  replay_all(
      world,
      [&](const Replay& replay, const AcceptedStep& step, const Fact& fact) {
        reverts.see(replay, step, fact);
      },
      [&](const Replay& replay, const FlowId& flow) { reverts.end(replay, flow); });
}

}  // namespace baton::simulation
