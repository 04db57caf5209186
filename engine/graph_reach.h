#pragma once

#include <utility>
#include <vector>

#include "engine/plan_data.h"

namespace baton::engine {

/// Atoms [first, first + count).
struct AtomRange {
  AtomIndex first = 0;
  AtomIndex count = 0;
};

/// All atoms behind one, nested and following flows included, as few ranges, ascending.
std::vector<AtomRange> all_behind(const PlanData&, AtomIndex);
/// Those reached over tasks only, without crossing a flow's start or end.
std::vector<AtomRange> behind_in_flow(const PlanData&, AtomIndex);
/// Its direct successors that are tasks.
std::vector<AtomRange> tasks_next_to(const PlanData&, AtomIndex);

/// Ascending, neighbours joined.
std::vector<AtomRange> joined(std::vector<AtomRange>);

}  // namespace baton::engine
