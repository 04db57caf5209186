#include <algorithm>
#include <map>

#include "tests/simulation/replay.h"
#include "tests/simulation/verdict.h"

/// P1, of what people ask (PROTOCOL.md I21): an order that was acknowledged is recorded, one that is recorded
/// is taken by one step, told once, and carried out: what is suspended starts nothing until it is resumed,
/// what is cancelled starts nothing more and ends CANCELLED.
namespace baton::simulation {
namespace {

constexpr std::uint32_t kRowsMax = 100'000;
using OrderKey = std::pair<JobId, std::uint64_t>;

std::string words_of(const ports::OrderRecord& record) {
  return record.job.value + ": order " + std::to_string(record.id) + " (" +
         std::string(to_string(record.order.kind)) + ")";
}

/// A database that has forgotten an order gives its id to another one: that is not on record by the first.
bool on_record(const World& world, const AcknowledgedOrder& said) {
  const auto& orders = world.evidence.orders;
  return std::any_of(orders.begin(), orders.end(), [&](const RecordedOrder& order) {
    const bool was_there = order.at <= said.at && (!order.forgotten_at || said.at <= *order.forgotten_at);
    return was_there && order.record.job == said.job && order.record.id == said.id;
  });
}

void check_acknowledged(const World& world, Verdict& verdict) {
  for (const AcknowledgedOrder& said : world.evidence.acknowledged)
    if (!on_record(world, said))
      verdict.broken(Promise::P1, said.job.value + ": order " + std::to_string(said.id) +
                                      " was acknowledged before it was recorded");
}

std::map<OrderKey, int> told(const World& world) {
  std::map<OrderKey, int> found;
  for (const ScriptedJob& job : world.jobs) {
    const auto page = world.database->history(job.uuid, 0, kRowsMax);
    if (!page.ok()) continue;
    for (const auto& row : page->rows)
      if (row.order) ++found[{job.uuid, row.order->id}];
  }
  return found;
}

/// A later run was claimed while it was open: it is closed, with why, and no step takes it.
bool overtaken(const World& world, const ports::OrderRecord& recorded) {
  const auto orders = world.database->orders(recorded.job, kRowsMax);
  const auto job = world.database->show(recorded.job, {});
  return orders.ok() && job.ok() && recorded.run < job->summary.run &&
         std::any_of(orders->orders.begin(), orders->orders.end(), [&](const ports::OrderRecord& order) {
           return order.id == recorded.id && order.taken_at && !order.no_effect.empty();
         });
}

void check_taken(const World& world, Verdict& verdict) {
  std::map<OrderKey, int> taken;
  for (const AcceptedStep& step : world.evidence.steps)
    for (const auto& order : step.orders) ++taken[{step.job, order.record.id}];
  auto in_history = told(world);
  for (const RecordedOrder& order : world.evidence.orders) {
    if (order.forgotten_at) continue;
    const OrderKey key{order.record.job, order.record.id};
    const bool by_none = taken[key] == 0 && in_history[key] == 0;
    if (by_none && overtaken(world, order.record)) continue;
    if (taken[key] != 1)
      verdict.broken(Promise::P1, words_of(order.record) + " was recorded, and taken " +
                                      std::to_string(taken[key]) + " times");
    if (in_history[key] != taken[key])
      verdict.broken(Promise::P1, words_of(order.record) + " is told " + std::to_string(in_history[key]) +
                                      " times in the history");
  }
}

class Obedience {
 public:
  explicit Obedience(Verdict& verdict) : verdict_(verdict) {}
  void see(const Replay&, const AcceptedStep&, const Fact&);

 private:
  void starts(const Replay&, const AcceptedStep&, const AtomFact&);
  void ends(const Replay&, const AcceptedStep&, FlowState);

  Verdict& verdict_;
};

void Obedience::see(const Replay& replay, const AcceptedStep& step, const Fact& fact) {
  if (const auto* flow = std::get_if<FlowFact>(&fact.body); flow && is_final(flow->state))
    ends(replay, step, flow->state);
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  if (!atom || !replay.is_task(atom->atom)) return;
  const AtomState is = atom->after.state;
  if ((is == AtomState::Running || is == AtomState::Reverting) && replay.atom(atom->atom).state != is)
    starts(replay, step, *atom);
}

void Obedience::starts(const Replay& replay, const AcceptedStep& step, const AtomFact& fact) {
  const std::string what =
      step.job.value + ": " + replay.plan().name(fact.atom) + " is started though it is ";
  if (replay.flow() == FlowState::Suspending || replay.flow() == FlowState::Suspended)
    verdict_.broken(Promise::P1, what + "suspended");
  if (replay.cancel() && fact.after.state == AtomState::Running)
    verdict_.broken(Promise::P1, what + "cancelled");
}

/// FAILURE: a revert has failed. One that keeps, and comes when all is done, changes nothing.
void Obedience::ends(const Replay& replay, const AcceptedStep& step, FlowState state) {
  if (!replay.cancel() || state == FlowState::Cancelled) return;
  if (state == FlowState::Success && replay.cancel()->keep) return;
  for (AtomIndex atom = 0; atom < replay.size(); ++atom)
    if (state == FlowState::Failure && replay.atom(atom).state == AtomState::RevertFailure) return;
  verdict_.broken(Promise::P1,
                  step.job.value + " ended " + std::string(to_string(state)) + " though it was cancelled");
}

}  // namespace

void check_orders(const World& world, Verdict& verdict) {
  check_acknowledged(world, verdict);
  check_taken(world, verdict);
  Obedience obedience(verdict);
  replay_all(
      world,
      [&](const Replay& replay, const AcceptedStep& step, const Fact& fact) {
        obedience.see(replay, step, fact);
      },
      [](const Replay&, const FlowId&) {});
}

}  // namespace baton::simulation
