#pragma once

#include <string>

#include "engine/flow.h"

namespace baton::engine {

/// The JSON that read_flow reads; members that hold their default are left out.
std::string task_json(const TaskSpec&);
std::string retry_json(const RetrySpec&);
std::string when_json(const When&);

}  // namespace baton::engine
