#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/model/fact.h"
#include "engine/atom_set.h"
#include "engine/failures_told.h"
#include "engine/intentions.h"
#include "engine/plan_data.h"
#include "engine/readiness.h"

namespace baton::engine {

/// The records of one flow's atoms and its state. Every change goes through here: it becomes a fact of the
/// step under way, and what may start follows from it.
class FlowBook {
 public:
  FlowBook(PlanPtr, FlowState, std::vector<AtomRecord>, std::uint64_t last_seq);

  /// Facts go there until the next call.
  void write_to(std::vector<Fact>& facts) { facts_ = &facts; }

  const PlanData& plan() const { return *plan_data_; }
  const PlanPtr& plan_ptr() const { return plan_; }
  std::size_t size() const { return atoms_.size(); }
  const AtomRecord& atom(AtomIndex atom) const {
    if (intentions_.at_rest(atom)) write_mark(atom);
    return atoms_[atom];
  }
  /// The first atom in SUCCESS from there on; `end`: none is before that.
  AtomIndex next_success(AtomIndex first, AtomIndex end) const;
  FlowState state() const { return state_; }
  std::size_t count(AtomState state) const { return counts_[static_cast<std::size_t>(state)]; }
  Readiness& readiness() { return readiness_; }
  const Readiness& readiness() const { return readiness_; }

  /// Atoms whose last execution failed and that have not been reset since: what reverts are told.
  const AtomSet& failed() const { return failed_; }
  const FailuresTold::List& failures_told() const { return failures_told_.of(*this); }
  /// Changes whenever an atom's intention stops being REVERT or may have.
  std::uint64_t intention_epoch() const { return intention_epoch_; }

  void change(AtomIndex, AtomRecord after, std::uint8_t changed = 0, std::string note = {});
  void intend(AtomIndex, Intention);
  /// Those of the range that differ get this intention; with IGNORE also that state, with reset PENDING.
  void intend_range(AtomIndex first, AtomIndex count, Intention, bool reset = false);
  void change_flow(FlowState, std::string note = {}, std::optional<Failure> = std::nullopt,
                   std::vector<AtomIndex> kept = {});

 private:
  void read_marks();
  void write_mark(AtomIndex) const;
  bool all_are(AtomIndex first, AtomIndex count, Intention, bool reset) const;
  void intend_one(AtomIndex, Intention, bool reset);
  void intend_astir(AtomIndex, Intention, bool reset, std::uint64_t seq);
  void store(AtomIndex, AtomRecord);
  void note_failure(AtomIndex, bool in_force);
  Fact& add_fact();

  PlanPtr plan_;
  const PlanData* plan_data_;
  FlowState state_;
  mutable std::vector<AtomRecord> atoms_;  // of an atom at rest, intention and seq are in intentions_
  std::uint64_t seq_;
  Intentions intentions_;
  Readiness readiness_;
  std::array<std::size_t, 9> counts_{};
  AtomSet failed_;
  mutable FailuresTold failures_told_;
  std::uint64_t intention_epoch_ = 1;
  std::vector<Fact>* facts_ = nullptr;
};

}  // namespace baton::engine
