#pragma once

#include <optional>

#include "engine/flow_draft.h"

namespace baton::engine {

/// Makes the links of a graph flow: inferred from symbols child by child, then the author's (semantics.md 5
/// to 8); sets `order` and `retry_awaits`.
std::optional<FlowError> link_graph(FlowDraft&);

/// Sets `needs` and `gives`: what a flow takes from and has for the graph flow around it.
void collect_symbols(FlowDraft&);

}  // namespace baton::engine
