#include "engine/flow_draft.h"

#include <algorithm>

#include "common/model/assert.h"
#include "engine/arguments.h"
#include "engine/flow_error.h"
#include "engine/spec_check.h"
#include "engine/symbol_inference.h"

namespace baton::engine {
namespace {

using Problem = std::optional<FlowError>;

/// Makes the drafts of a flow and of all flows inside it.
class Drafter {
 public:
  Result<std::unique_ptr<FlowDraft>, FlowError> draft(const FlowSpec& spec, const FlowDraft* parent,
                                                      std::size_t depth) {
    auto flow = std::make_unique<FlowDraft>();
    flow->spec = &spec;
    flow->parent = parent;
    if (depth > kNestingMax)
      return Fail(flow_error(
          "build", "Invalid", {},
          {"flow '" + spec.name + "' is nested deeper than " + std::to_string(kNestingMax) + " flows",
           "make it flatter: a nested flow that only groups can go"}));
    if (Problem problem = check_flow_spec(*flow)) return Fail(*std::move(problem));
    const bool graph = spec.pattern == Pattern::Graph;
    graphs_ += graph;
    Problem problem = add_children(*flow, depth);
    graphs_ -= graph;
    if (graph)
      if (Problem cycle = cycle_in(*flow)) return Fail(*std::move(cycle));
    if (problem) return Fail(*std::move(problem));
    order(*flow);
    // Only a graph flow around this one asks what it needs and gives; without one the sets would be for
    // nothing, and nested sets are quadratic.
    if (graphs_ > 0) collect_symbols(*flow);
    return flow;
  }

 private:
  /// Each child is made whole before it is linked, and linked before the next one is made, as TaskFlow's
  /// authors do it: of several mistakes theirs and ours are found in one order.
  Problem add_children(FlowDraft& flow, std::size_t depth) {
    std::optional<Inference> inference;
    if (flow.spec->pattern == Pattern::Graph) inference.emplace(flow);
    for (const NodeSpec& node : flow.spec->nodes) {
      if (Problem problem = add_child(flow, node, depth)) return problem;
      if (!inference) continue;
      if (Problem problem = inference->add(static_cast<ChildIndex>(flow.children.size() - 1))) return problem;
    }
    return inference ? add_manual_links(flow) : std::nullopt;
  }

  Problem add_child(FlowDraft& flow, const NodeSpec& node, std::size_t depth) {
    ChildDraft child;
    if (const auto* task = std::get_if<TaskSpec>(&node)) {
      if (Problem problem = check_task_spec(flow, *task)) return problem;
      child.task = task;
    } else {
      const auto& nested = std::get<std::shared_ptr<const FlowSpec>>(node);
      BATON_ASSERT(nested != nullptr);
      auto drafted = draft(*nested, &flow, depth + 1);
      if (!drafted) return drafted.error();
      child.flow = std::move(drafted).value();
    }
    flow.children.push_back(std::move(child));
    return std::nullopt;
  }

  static void order(FlowDraft& flow) {
    if (flow.links) {
      flow.order = flow.links->order();
    } else {
      for (ChildIndex child = 0; child < flow.children.size(); ++child) flow.order.push_back(child);
    }
  }

  std::size_t graphs_ = 0;  // graph flows around the one that is drafted
};

}  // namespace

const std::string& ChildDraft::name() const {
  return task ? task->name : flow->spec->name;
}

std::string retry_name(const FlowSpec& flow) {
  BATON_ASSERT(flow.retry.has_value());
  return flow.retry->name.empty() ? flow.name + "_retry" : flow.retry->name;
}

std::vector<std::string> path_of(const FlowDraft& flow) {
  std::vector<std::string> path;
  for (const FlowDraft* each = &flow; each; each = each->parent) path.push_back(each->spec->name);
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::unique_ptr<FlowDraft>, FlowError> draft_flow(const FlowSpec& spec) {
  return Drafter().draft(spec, nullptr, 1);
}

}  // namespace baton::engine
