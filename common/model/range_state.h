#pragma once

#include <vector>

#include "common/model/fact.h"

namespace baton {

/// The state in which a fact `before` finds an atom whose row was written `after`: what the range facts
/// numbered in between have made of it (a reset PENDING, a decider's no IGNORE). At load the same is done.
AtomState state_between(const std::vector<Fact>& ranges, AtomIndex, AtomState row, std::uint64_t after,
                        std::uint64_t before);

}  // namespace baton
