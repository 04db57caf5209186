#pragma once

#include <optional>

#include "engine/plan_data.h"

namespace baton::engine {

/// TaskFlow's validate stage: every argument of every atom needs a potential provider (semantics.md 14).
std::optional<FlowError> check_symbols(const PlanData&);

/// A rollback cannot pass an irreversible task, so no retry around it may want to try again.
std::optional<FlowError> check_irreversible(const PlanData&);

}  // namespace baton::engine
