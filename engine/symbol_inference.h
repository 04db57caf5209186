#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/flow_draft.h"

namespace baton::engine {

/// Links the children of a graph flow as their symbols say (semantics.md 5), one by one as they are made:
/// what is wrong with an earlier child is told before what is wrong inside a later one. Sets `retry_awaits`.
class Inference {
 public:
  explicit Inference(FlowDraft&);

  /// The child that was made last.
  std::optional<FlowError> add(ChildIndex);

 private:
  std::optional<FlowError> seek(ChildIndex, std::string_view symbol);
  void offer(ChildIndex, std::string_view symbol);
  std::optional<FlowError> ambiguous(ChildIndex, std::string_view symbol,
                                     const std::vector<ChildIndex>& from) const;

  FlowDraft& flow_;
  const std::vector<std::string_view> retry_gives_, retry_needs_;
  std::unordered_map<std::string_view, std::vector<ChildIndex>> providers_,
      waiting_;  // of the children so far
};

/// Adds the links that the author wrote.
std::optional<FlowError> add_manual_links(FlowDraft&);

/// TaskFlow refuses a link at once if it closes a cycle. We look once, when a graph flow's children are made
/// or something else was wrong, and before that is told: so the first mistake is the one that is told.
std::optional<FlowError> cycle_in(const FlowDraft&);

/// Sets `needs` and `gives`: what a flow takes from and has for the graph flow around it.
void collect_symbols(FlowDraft&);

}  // namespace baton::engine
