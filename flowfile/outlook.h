#pragma once

#include <cstdint>
#include <vector>

#include "engine/plan.h"

namespace baton::flowfile {

/// What a plan will do, for people who ask before it runs. The plan must outlive it.
class Outlook {
 public:
  explicit Outlook(const engine::Plan&);

  /// Its tasks in steps, if each takes as long as the others: those of one step run at once, each step behind
  /// the one before. In the order of the plan.
  std::vector<std::vector<AtomIndex>> steps() const;

  /// The retry that is asked when this atom fails; kNoAtom: none, all is reverted.
  AtomIndex asked_by(AtomIndex) const;

  /// Tasks that a retry reverts, last first, as far as they have run.
  std::vector<AtomIndex> reverted_by(AtomIndex retry) const;

  /// Tasks that are certain to have run before this one: what a rollback leaves when it stops there.
  std::vector<AtomIndex> tasks_before(AtomIndex) const;

 private:
  const engine::PlanData& plan_;
  const std::vector<std::uint32_t> depths_;  // of each node, tasks on the longest way to it, itself included
};

}  // namespace baton::flowfile
