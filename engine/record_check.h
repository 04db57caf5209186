#pragma once

#include <optional>
#include <vector>

#include "common/model/atom_record.h"
#include "engine/flow_book.h"
#include "engine/user_retries.h"

namespace baton::engine {

/// Refuses stored records that cannot be those of this plan.
std::optional<FlowError> check_records(const Plan&, FlowState, const std::vector<AtomRecord>&);

/// Refuses a plan that names a module's retry policy which is not to be had here (kind "UnknownPolicy").
std::optional<FlowError> check_policies(const Plan&, const UserRetries*);

/// Refuses records of open deliveries whose arguments are not to be had: they could not be repeated.
std::optional<FlowError> check_deliveries(const FlowBook&);

}  // namespace baton::engine
