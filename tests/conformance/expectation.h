#pragma once

#include <string>

#include "engine/json_fields.h"

namespace baton::conformance {

/// FORMAT.md, EXPECT: a member that is not known, or not of its type, would be compared with nothing, or
/// throw in the middle of a run. It becomes the problem instead.
void check_expectation(engine::FirstProblem&, JsonView expect, const std::string& place);

}  // namespace baton::conformance
