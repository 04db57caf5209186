#include <algorithm>

#include "common/model/assert.h"
#include "engine/flow_draft.h"
#include "engine/flow_error.h"
#include "engine/plan_data.h"
#include "engine/validation.h"

namespace baton::engine {
namespace {

std::optional<FlowError> retry_needing_a_child(const FlowDraft& flow) {
  if (flow.retry_awaits)
    return flow_error("compile", "TypeError", path_of(flow),
                      {"its retry '" + retry_name(*flow.spec) + "' requires '" + *flow.retry_awaits +
                           "', which only a node of the same flow provides",
                       "a retry runs before its flow: let an atom before the flow provide it, or pass it in "
                       "the store",
                       retry_name(*flow.spec)});
  for (const ChildDraft& child : flow.children)
    if (child.flow)
      if (auto problem = retry_needing_a_child(*child.flow)) return problem;
  return std::nullopt;
}

struct Size {
  std::size_t tasks = 0, retries = 0, flows = 0, edges = 0;

  std::size_t atoms() const { return tasks + retries; }
};

/// Edges of the flow itself, or a few more.
std::size_t edges_of(const FlowDraft& flow) {
  const std::size_t ends = flow.spec->pattern == Pattern::Linear ? 1 : flow.children.size();
  return 2 + flow.children.size() + ends + (flow.links ? flow.links->all().size() : 0);
}

void add_size(const FlowDraft& flow, Size& size) {
  ++size.flows;
  size.retries += flow.spec->retry ? 1 : 0;
  size.edges += edges_of(flow);
  for (const ChildDraft& child : flow.children) {
    if (child.task)
      ++size.tasks;
    else
      add_size(*child.flow, size);
  }
}

std::optional<FlowError> too_large(const FlowSpec& spec, const Size& size) {
  if (size.atoms() <= kAtomsPerFlowMax && size.flows <= kAtomsPerFlowMax) return std::nullopt;
  return flow_error("compile", "Invalid", {},
                    {"flow '" + spec.name + "' has " + std::to_string(size.atoms()) + " atoms in " +
                         std::to_string(size.flows) + " flows; the limit is " +
                         std::to_string(kAtomsPerFlowMax) + " of each",
                     "split it, and let one job post the next"});
}

/// Numbers the atoms and flows of a draft and draws the edges between them (semantics.md 1 to 4).
class Layout {
 public:
  explicit Layout(const Size& size) : plan_(std::make_unique<PlanData>()), atom_total_(size.atoms()) {
    plan_->atoms.reserve(size.atoms());
    plan_->tasks.reserve(size.tasks);
    plan_->retries.reserve(size.retries);
    plan_->flows.reserve(size.flows);
    plan_->edges.reserve(size.edges);
  }

  std::unique_ptr<PlanData> run(const FlowDraft& root) {
    place(root, kNoFlow, kNoAtom);
    BATON_ASSERT(plan_->atoms.size() == atom_total_);
    return std::move(plan_);
  }

 private:
  /// First and last node of a child.
  struct Ends {
    NodeIndex head = 0, tail = 0;
    std::uint32_t atoms = 0;
    FlowIndex flow = kNoFlow;
  };

  NodeIndex start_of(FlowIndex flow) const { return static_cast<NodeIndex>(atom_total_ + 2 * flow); }

  Ends place(const FlowDraft& draft, FlowIndex parent, AtomIndex asked) {
    const auto flow = static_cast<FlowIndex>(plan_->flows.size());
    const auto first = static_cast<AtomIndex>(plan_->atoms.size());
    plan_->flows.push_back({draft.spec->name, parent, draft.spec->pattern, kNoAtom, first, 0, 0});
    if (draft.spec->retry) {
      plan_->flows[flow].retry = first;
      plan_->atoms.push_back(
          {AtomKind::Retry, flow, asked, 0, static_cast<std::uint32_t>(plan_->retries.size())});
      plan_->retries.push_back(*draft.spec->retry);
      plan_->retries.back().name = retry_name(*draft.spec);
      asked = first;
    }
    std::vector<Ends> children;
    children.reserve(draft.children.size());
    for (const ChildDraft& child : draft.children)
      children.push_back(child.task ? place(*child.task, flow, asked) : place(*child.flow, flow, asked));
    plan_->flows[flow].count = static_cast<AtomIndex>(plan_->atoms.size()) - first;
    connect(draft, flow, children);
    rank(draft, flow, children);
    return {start_of(flow), start_of(flow) + 1, plan_->flows[flow].count, flow};
  }

  Ends place(const TaskSpec& task, FlowIndex flow, AtomIndex asked) {
    const auto atom = static_cast<AtomIndex>(plan_->atoms.size());
    plan_->atoms.push_back({AtomKind::Task, flow, asked, 0, static_cast<std::uint32_t>(plan_->tasks.size())});
    plan_->tasks.push_back(task);
    return {atom, atom, 1, kNoFlow};
  }

  void connect(const FlowDraft& draft, FlowIndex flow, const std::vector<Ends>& children) {
    NodeIndex first = start_of(flow);
    const NodeIndex end = first + 1;
    if (const AtomIndex retry = plan_->flows[flow].retry; retry != kNoAtom) {
      edge(first, retry);
      first = retry;
    }
    if (children.empty()) return edge(first, end);
    switch (draft.spec->pattern) {
      case Pattern::Linear:
        edge(first, children.front().head);
        for (std::size_t i = 1; i < children.size(); ++i) edge(children[i - 1].tail, children[i].head);
        return edge(children.back().tail, end);
      case Pattern::Unordered:
        for (const Ends& child : children) edge(first, child.head), edge(child.tail, end);
        return;
      case Pattern::Graph:
        return connect_graph(*draft.links, first, end, children);
    }
  }

  void connect_graph(const ChildLinks& links, NodeIndex first, NodeIndex end,
                     const std::vector<Ends>& children) {
    for (const ChildLink& link : links.all()) {
      const NodeIndex from = children[link.from].tail, to = children[link.to].head;
      edge(from, to);
      if (link.when) plan_->deciders.push_back({from, to, *link.when, link.depth});
    }
    for (ChildIndex child = 0; child < children.size(); ++child) {
      if (!links.has_into(child)) edge(first, children[child].head);
      if (!links.has_out_of(child)) edge(children[child].tail, end);
    }
  }

  void edge(NodeIndex from, NodeIndex to) { plan_->edges.emplace_back(from, to); }

  /// Ranks follow the order of look-up; atoms and flows are numbered in the order of definition. The two
  /// differ in graph flows only, where a whole child may move.
  void rank(const FlowDraft& draft, FlowIndex flow, const std::vector<Ends>& children) {
    std::uint32_t next = plan_->flows[flow].retry != kNoAtom ? 1 : 0;
    for (const ChildIndex child : draft.order) {
      const Ends& ends = children[child];
      if (ends.flow == kNoFlow)
        plan_->atoms[ends.head].rank = next;
      else
        plan_->flows[ends.flow].rank = next;
      next += ends.atoms;
    }
  }

  std::unique_ptr<PlanData> plan_;
  const std::size_t atom_total_;
};

/// Layout left every rank relative to the flow around it; parents come before their children.
void make_ranks_absolute(PlanData& plan) {
  for (PlanFlow& flow : plan.flows)
    if (flow.parent != kNoFlow) flow.rank += plan.flows[flow.parent].rank;
  for (PlanAtom& atom : plan.atoms) atom.rank += plan.flows[atom.flow].rank;
}

FlowError duplicate(const PlanData& plan) {
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) {
    const AtomIndex other = plan.find(plan.name(atom));
    if (other == atom) continue;
    const auto shown = [&](AtomIndex index) {
      return std::string(plan.atoms[index].kind == AtomKind::Task ? "a task" : "a retry") + " of flow '" +
             plan.flows[plan.atoms[index].flow].name + "'";
    };
    return flow_error(
        "compile", "Duplicate", {plan.flows.front().name},
        {"the name '" + plan.name(atom) + "' is used twice, by " + shown(other) + " and by " + shown(atom),
         "names of tasks and retries are unique in the whole flow; rename one of them"});
  }
  BATON_ASSERT(false);
  return {};
}

}  // namespace

Result<PlanPtr, FlowError> compile(const FlowSpec& spec, const Symbols& store) {
  auto draft = draft_flow(spec);
  if (!draft) return Fail(draft.error());
  if (auto problem = retry_needing_a_child(**draft)) return Fail(*std::move(problem));
  Size size;
  add_size(**draft, size);
  if (auto problem = too_large(spec, size)) return Fail(*std::move(problem));
  auto plan = Layout(size).run(**draft);
  make_ranks_absolute(*plan);
  plan->store = store;
  if (!index_plan(*plan)) return Fail(duplicate(*plan));
  if (auto problem = check_irreversible(*plan)) return Fail(*std::move(problem));
  if (auto problem = check_symbols(*plan)) return Fail(*std::move(problem));
  return PlanPtr(std::make_shared<const Plan>(std::move(plan)));
}

}  // namespace baton::engine
