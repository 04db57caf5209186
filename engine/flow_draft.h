#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/child_links.h"
#include "engine/flow.h"

namespace baton::engine {

struct FlowDraft;

/// One child of a flow under construction: a task, or a flow.
struct ChildDraft {
  const TaskSpec* task = nullptr;
  std::unique_ptr<FlowDraft> flow;

  const std::string& name() const;
};

/// A flow under construction, between what its author wrote and the plan: links inferred and checked, nothing
/// numbered yet. Points into the FlowSpec.
struct FlowDraft {
  const FlowSpec* spec = nullptr;
  const FlowDraft* parent = nullptr;
  std::vector<ChildDraft> children;
  std::optional<ChildLinks> links;             // of graph flows
  std::vector<ChildIndex> order;               // in which its children are looked up (semantics.md 12)
  std::optional<std::string> retry_awaits;     // a symbol that its retry needs and a child provides (8)
  std::vector<std::string_view> needs, gives;  // symbols, if a graph flow is around it; each once, sorted
};

std::string retry_name(const FlowSpec&);
std::vector<std::string> path_of(const FlowDraft&);  // names, outermost first

/// TaskFlow's build stage: from the inside out, every flow's children, inferred and manual links, cycles.
Result<std::unique_ptr<FlowDraft>, FlowError> draft_flow(const FlowSpec&);

}  // namespace baton::engine
