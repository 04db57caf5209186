#pragma once

#include <vector>

#include "common/model/fact.h"
#include "engine/plan.h"

namespace baton::conformance {

/// The same facts with every reset behind a retry taken apart atom by atom, in the order in which TaskFlow
/// writes them: depth first, the last successor first. Only cases that crash twice inside one reset can tell.
std::vector<Fact> in_taskflow_order(const engine::Plan&, const std::vector<Fact>&);

}  // namespace baton::conformance
