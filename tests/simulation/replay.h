#pragma once

#include "tests/simulation/world.h"

namespace baton::simulation {

/// A flow as the steps that the database accepted tell it, fact by fact.
class Replay {
 public:
  explicit Replay(engine::PlanPtr plan);

  const engine::Plan& plan() const { return *plan_; }
  const AtomRecord& atom(AtomIndex index) const { return atoms_[index]; }
  std::size_t size() const { return atoms_.size(); }
  FlowState flow() const { return flow_; }
  bool is_task(AtomIndex index) const { return plan_->kind(index) == engine::AtomKind::Task; }
  bool is_join(AtomIndex index) const { return before_[index].size() > 1; }
  const std::vector<AtomIndex>& before(AtomIndex index) const { return before_[index]; }  // direct ones
  const std::vector<AtomIndex>& behind(AtomIndex index) const { return behind_[index]; }

  /// The cancel of this run that is being carried out; null: none.
  const Order* cancel() const { return cancelled_run_ == run_ ? &cancel_ : nullptr; }

  void begin(const AcceptedStep&);
  void apply(const Fact&);

 private:
  void apply(const RangeFact&);

  const engine::PlanPtr plan_;
  std::vector<std::vector<AtomIndex>> before_, behind_;
  std::vector<AtomRecord> atoms_;
  FlowState flow_ = FlowState::Pending;
  Order cancel_;
  std::uint32_t run_ = 1, cancelled_run_ = 0;
};

/// Calls see(replay, step, fact) for each fact of each flow in the order of acceptance, before it is applied;
/// then end(replay, flow).
template <class See, class End>
void replay_all(const World& world, See see, End end) {
  for (const auto& [flow, plan] : world.evidence.plans) {
    Replay replay(plan);
    for (const AcceptedStep& step : world.evidence.steps) {
      if (step.flow != flow) continue;
      replay.begin(step);
      for (const Fact& fact : step.facts) {
        see(replay, step, fact);
        replay.apply(fact);
      }
    }
    end(replay, flow);
  }
}

}  // namespace baton::simulation
