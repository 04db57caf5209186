#pragma once

#include <vector>

#include "engine/plan.h"

namespace baton::flowfile {

/// What a plan will do, for people who ask before it runs.

/// Its tasks in steps, if each takes as long as the others: those of one step run at once, each step behind
/// the one before. In the order of the plan.
std::vector<std::vector<AtomIndex>> steps_of(const engine::Plan&);

/// The retry that is asked when this atom fails; kNoAtom: none, all is reverted.
AtomIndex asked_by(const engine::Plan&, AtomIndex);

/// Tasks that a retry reverts, last first, as far as they have run.
std::vector<AtomIndex> reverted_by(const engine::Plan&, AtomIndex retry);

/// Tasks that are certain to have run before this one: what a rollback leaves when it stops there.
std::vector<AtomIndex> tasks_before(const engine::Plan&, AtomIndex);

}  // namespace baton::flowfile
