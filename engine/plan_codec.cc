#include <array>

#include "engine/flow_members.h"
#include "engine/flow_reader.h"
#include "engine/flow_writer.h"
#include "engine/plan_data.h"

/// A stored plan is the compiled graph, not its source: a later compiler must not change a flow under way.
namespace baton::engine {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array<std::string_view, 6> kPlan{"version", "flows", "atoms", "edges", "deciders", "store"};
constexpr std::array<std::string_view, 7> kPlanFlow{"name",  "pattern", "parent", "retry",
                                                    "first", "count",   "rank"};
constexpr std::array<std::string_view, 5> kPlanAtom{"flow", "retry", "rank", "task", "policy"};
constexpr std::array<std::string_view, 4> kDecider{"from", "to", "when", "depth"};
constexpr std::int64_t kNone = -1;  // no parent, no retry

void append_number(std::string& json, std::string_view key, std::uint32_t number) {
  json += ", \"" + std::string(key) + "\": ";
  json += number == kNoAtom ? "-1" : std::to_string(number);
}
static_assert(kNoAtom == kNoFlow);

std::string encoded_flow(const PlanFlow& flow) {
  std::string json = "{\"name\": " + quoted(flow.name) + ", \"pattern\": \"" +
                     std::string(flow_members::name_of(flow_members::kPatterns, flow.pattern)) + "\"";
  append_number(json, "parent", flow.parent);
  append_number(json, "retry", flow.retry);
  append_number(json, "first", flow.first);
  append_number(json, "count", flow.count);
  append_number(json, "rank", flow.rank);
  return json + "}";
}

std::string encoded_atom(const PlanData& plan, const PlanAtom& atom) {
  std::string json = atom.kind == AtomKind::Task ? "{\"task\": " + task_json(plan.tasks[atom.spec])
                                                 : "{\"policy\": " + retry_json(plan.retries[atom.spec]);
  append_number(json, "flow", atom.flow);
  append_number(json, "retry", atom.retry);
  append_number(json, "rank", atom.rank);
  return json + "}";
}

std::string encoded_decider(const Decider& decider) {
  std::string json = "{\"when\": " + when_json(decider.when) + ", \"depth\": \"" +
                     std::string(flow_members::name_of(flow_members::kDepths, decider.depth)) + "\"";
  append_number(json, "from", decider.from);
  append_number(json, "to", decider.to);
  return json + "}";
}

template <class Items, class Show>
void append_array(std::string& json, std::string_view key, const Items& items, Show show) {
  json += ",\n\"" + std::string(key) + "\": [";
  bool first = true;
  for (const auto& item : items) {
    if (!std::exchange(first, false)) json += ",\n";
    json += show(item);
  }
  json += "]";
}

/// Reads the first part of a PlanData back and checks that it can be one: whoever walks it then may rely on
/// it.
class PlanReader {
 public:
  explicit PlanReader(FirstProblem& problem) : problem_(problem) {}

  std::unique_ptr<PlanData> plan(JsonView json) {
    auto plan = std::make_unique<PlanData>();
    const JsonFields fields(problem_, json, "plan", kPlan);
    const auto list = [&](std::string_view member) {
      const auto found = fields.find(member, JsonView::Kind::Array);
      if (!found) problem_.add("plan", "needs the member " + quoted(member));
      return found ? found->items() : std::vector<JsonView>();
    };
    const auto flows = list("flows"), atoms = list("atoms"), edges = list("edges");
    flow_count_ = static_cast<std::int64_t>(flows.size());
    atom_count_ = static_cast<std::int64_t>(atoms.size());
    for (const JsonView& item : flows) plan->flows.push_back(flow(item));
    for (const JsonView& item : atoms) add_atom(*plan, item);
    if (edges.size() % 2 != 0) problem_.add("plan.edges", "must hold pairs of nodes");
    for (std::size_t i = 0; i + 1 < edges.size(); i += 2)
      plan->edges.emplace_back(node(edges[i]), node(edges[i + 1]));
    for (const JsonView& item : list("deciders")) plan->deciders.push_back(decider(item));
    plan->store = fields.values("store");
    if (!problem_.any()) check(*plan);
    return plan;
  }

 private:
  PlanFlow flow(JsonView json) {
    const JsonFields fields(problem_, json, "plan.flows", kPlanFlow);
    PlanFlow flow;
    flow.name = fields.text("name");
    flow.pattern = fields.choice<Pattern>("pattern", flow_members::kPatterns).value_or(Pattern::Linear);
    flow.parent = index(fields, "parent", kNone, flow_count_);
    flow.retry = index(fields, "retry", kNone, atom_count_);
    flow.first = index(fields, "first", 0, atom_count_ + 1);
    flow.count = index(fields, "count", 0, atom_count_ + 1);
    flow.rank = index(fields, "rank", 0, atom_count_ + 1);
    return flow;
  }

  void add_atom(PlanData& plan, JsonView json) {
    const JsonFields fields(problem_, json, "plan.atoms", kPlanAtom);
    PlanAtom atom;
    atom.flow = index(fields, "flow", 0, flow_count_);
    atom.retry = index(fields, "retry", kNone, atom_count_);
    atom.rank = index(fields, "rank", 0, atom_count_);
    if (const auto task = fields.find("task")) {
      atom.spec = static_cast<std::uint32_t>(plan.tasks.size());
      plan.tasks.push_back(read_task(problem_, *task, "plan.atoms.task"));
    } else if (const auto retry = fields.find("policy")) {
      atom.kind = AtomKind::Retry;
      atom.spec = static_cast<std::uint32_t>(plan.retries.size());
      plan.retries.push_back(read_retry(problem_, *retry, "plan.atoms.policy"));
    } else {
      problem_.add("plan.atoms", "needs the member \"task\" or \"policy\"");
    }
    plan.atoms.push_back(atom);
  }

  Decider decider(JsonView json) {
    const JsonFields fields(problem_, json, "plan.deciders", kDecider);
    Decider decider;
    decider.from = index(fields, "from", 0, node_count());
    decider.to = index(fields, "to", 0, node_count());
    if (const auto when = fields.find("when"))
      decider.when = read_when(problem_, *when, "plan.deciders.when");
    decider.depth = fields.choice<DeciderDepth>("depth", flow_members::kDepths).value_or(DeciderDepth::All);
    return decider;
  }

  std::int64_t node_count() const { return atom_count_ + 2 * flow_count_; }

  std::uint32_t index(const JsonFields& fields, std::string_view member, std::int64_t min, std::int64_t end) {
    if (!fields.find(member)) problem_.add(fields.place(), "needs the member " + quoted(member));
    return static_cast<std::uint32_t>(fields.integer(member, min, min, end - 1));
  }

  NodeIndex node(JsonView json) {
    const auto number = json.kind() == JsonView::Kind::Number ? json.integer() : std::nullopt;
    if (number && *number >= 0 && *number < node_count()) return static_cast<NodeIndex>(*number);
    problem_.add("plan.edges", "no node of the plan: " + std::string(json.raw()));
    return 0;
  }

  void check(const PlanData& plan) {
    if (plan.flows.empty()) return problem_.add("plan.flows", "must not be empty");
    std::vector<bool> ranked(plan.atoms.size(), false);
    for (AtomIndex i = 0; i < plan.atoms.size(); ++i) {
      const PlanAtom& atom = plan.atoms[i];
      if (ranked[atom.rank]) problem_.add("plan.atoms", "two atoms have one rank");
      ranked[atom.rank] = true;
      if (atom.retry == kNoAtom) continue;
      if (plan.atoms[atom.retry].kind != AtomKind::Retry)
        problem_.add("plan.atoms", "the retry of an atom is a task");
      if (atom.retry >= i) problem_.add("plan.atoms", "the retry of an atom must come before it");
    }
    for (std::size_t i = 0; i < plan.flows.size(); ++i) {
      const PlanFlow& flow = plan.flows[i];
      if ((flow.parent == kNoFlow) != (i == 0) || (i > 0 && flow.parent >= i))
        problem_.add("plan.flows", "the flow around a flow must come before it");
      if (flow.first + std::size_t{flow.count} > plan.atoms.size() ||
          flow.rank + std::size_t{flow.count} > plan.atoms.size())
        problem_.add("plan.flows", "a flow has more atoms than the plan");
      if (flow.retry != kNoAtom && plan.atoms[flow.retry].kind != AtomKind::Retry)
        problem_.add("plan.flows", "the retry of a flow is a task");
    }
  }

  FirstProblem& problem_;
  std::int64_t atom_count_ = 0, flow_count_ = 0;
};

FlowError unreadable(const std::string& message) {
  return {"compile", "Invalid", "the stored plan cannot be read: " + message, {}};
}

/// Only a version that we know says what the rest must look like.
std::optional<FlowError> refuse_version(JsonView json) {
  if (json.kind() != JsonView::Kind::Object)
    return unreadable("it is " + std::string(to_string(json.kind())));
  const auto version = json.at("version");
  if (!version || version->kind() != JsonView::Kind::Number) return unreadable("it has no version");
  if (version->integer() == kVersion) return std::nullopt;
  return FlowError{"compile",
                   "UnknownVersion",
                   "the stored plan has version " + std::string(version->raw()) + "; this program knows " +
                       std::to_string(kVersion) +
                       "\n  hint: a newer conductor has compiled it; let one of that version run the job",
                   {}};
}

}  // namespace

std::string encode(const Plan& compiled) {
  const PlanData& plan = compiled.data();
  std::string json = "{\"version\": " + std::to_string(kVersion);
  append_array(json, "flows", plan.flows, encoded_flow);
  append_array(json, "atoms", plan.atoms, [&](const PlanAtom& atom) { return encoded_atom(plan, atom); });
  json += ",\n\"edges\": [";
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    if (i > 0) json += ", ";
    json += std::to_string(plan.edges[i].first) + ", " + std::to_string(plan.edges[i].second);
  }
  json += "]";
  append_array(json, "deciders", plan.deciders, encoded_decider);
  json += ",\n\"store\": {";
  bool first = true;
  for (const auto& [symbol, value] : plan.store) {
    if (!std::exchange(first, false)) json += ", ";
    json += quoted(symbol) + ": " + std::string(value.json());
  }
  return json + "}}";
}

Result<PlanPtr, FlowError> decode(std::string_view bytes) {
  const auto value = Value::parse(bytes, bytes.size());
  if (!value) return Fail(unreadable(value.error().message));
  if (auto problem = refuse_version(JsonView(*value))) return Fail(*std::move(problem));
  FirstProblem problem;
  auto plan = PlanReader(problem).plan(JsonView(*value));
  if (const auto error = problem.error()) return Fail(unreadable(error->message));
  if (!index_plan(*plan)) return Fail(unreadable("two atoms have one name"));
  return PlanPtr(std::make_shared<const Plan>(std::move(plan)));
}

}  // namespace baton::engine
