#pragma once

#include <optional>

#include "engine/flow_draft.h"

namespace baton::engine {

/// What an author may not write, whatever the rest of the flow is: names without letters or too long, members
/// that contradict each other. The flow's children are not looked at.
std::optional<FlowError> check_flow_spec(const FlowDraft&);
std::optional<FlowError> check_task_spec(const FlowDraft& around, const TaskSpec&);

}  // namespace baton::engine
