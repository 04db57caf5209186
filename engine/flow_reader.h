#pragma once

#include <string>

#include "engine/flow.h"
#include "engine/json_fields.h"

namespace baton::engine {

/// The parts of a flow in JSON that a stored plan holds too (read_flow reads the whole).
TaskSpec read_task(FirstProblem&, JsonView, const std::string& place);
RetrySpec read_retry(FirstProblem&, JsonView, const std::string& place);
When read_when(FirstProblem&, JsonView, const std::string& place);

}  // namespace baton::engine
