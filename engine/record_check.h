#pragma once

#include <optional>
#include <vector>

#include "common/model/atom_record.h"
#include "engine/plan.h"

namespace baton::engine {

/// Refuses stored records that cannot be those of this plan.
std::optional<FlowError> check_records(const Plan&, FlowState, const std::vector<AtomRecord>&);

}  // namespace baton::engine
