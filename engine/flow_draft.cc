#include "engine/flow_draft.h"

#include "common/model/assert.h"
#include "engine/arguments.h"
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
      return Fail(FlowError{"build",
                            "Invalid",
                            "flow '" + spec.name + "' is nested deeper than " + std::to_string(kNestingMax) +
                                " flows\n  hint: make it flatter: a nested flow that only groups can go",
                            {}});
    if (Problem problem = check_flow_spec(*flow)) return Fail(*std::move(problem));
    graphs_ += spec.pattern == Pattern::Graph;
    Problem problem = add_children(*flow, depth);
    graphs_ -= spec.pattern == Pattern::Graph;
    if (problem) return Fail(*std::move(problem));
    if (spec.pattern == Pattern::Graph) {
      if (Problem bad_link = link_graph(*flow)) return Fail(*std::move(bad_link));
    } else {
      for (ChildIndex child = 0; child < flow->children.size(); ++child) flow->order.push_back(child);
    }
    // Only a graph flow around this one asks what it needs and gives; without one the sets would be for
    // nothing, and nested sets are quadratic.
    if (graphs_ > 0) collect_symbols(*flow);
    return flow;
  }

 private:
  Problem add_children(FlowDraft& flow, std::size_t depth) {
    for (const NodeSpec& node : flow.spec->nodes) {
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
    }
    return std::nullopt;
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

std::string path_of(const FlowDraft& flow) {
  std::string path = "'" + flow.spec->name + "'";
  for (const FlowDraft* around = flow.parent; around; around = around->parent)
    path = "'" + around->spec->name + "' > " + path;
  return path;
}

Result<std::unique_ptr<FlowDraft>, FlowError> draft_flow(const FlowSpec& spec) {
  return Drafter().draft(spec, nullptr, 1);
}

}  // namespace baton::engine
