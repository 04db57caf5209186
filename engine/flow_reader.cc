#include "engine/flow_reader.h"

#include <algorithm>
#include <limits>

#include "engine/flow_members.h"

namespace baton::engine {
namespace {

namespace members = flow_members;
using Kind = JsonView::Kind;

std::string item_place(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

/// Reads FORMAT.md's shape. Each function reads one kind of object at one place.
class FlowReader {
 public:
  explicit FlowReader(FirstProblem& problem) : problem_(problem) {}

  FlowSpec flow(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kFlow);
    FlowSpec spec;
    spec.name = fields.text("name");
    if (!fields.find("pattern")) problem_.add(place, "needs the member \"pattern\"");
    spec.pattern = fields.choice<Pattern>("pattern", members::kPatterns).value_or(Pattern::Linear);
    spec.description = fields.text_or_empty("description");
    if (const auto found = fields.find("retry")) spec.retry = retry(*found, fields.place_of("retry"));
    if (const auto found = fields.find("nodes", Kind::Array)) {
      for (const JsonView& item : found->items())
        spec.nodes.push_back(node(item, item_place(fields.place_of("nodes"), spec.nodes.size())));
    }
    if (const auto found = fields.find("links", Kind::Array)) {
      for (const JsonView& item : found->items())
        spec.links.push_back(link(item, item_place(fields.place_of("links"), spec.links.size())));
    }
    return spec;
  }

  NodeSpec node(JsonView json, const std::string& place) {
    if (json.kind() == Kind::Object && json.at("flow")) {
      const JsonFields fields(problem_, json, place, members::kNestedFlow);
      return std::make_shared<const FlowSpec>(flow(*json.at("flow"), fields.place_of("flow")));
    }
    return task(json, place);
  }

  TaskSpec task(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kTask);
    TaskSpec spec;
    spec.type = fields.text("task");
    spec.name = fields.text("name");
    spec.requirements = fields.texts("requires");
    spec.rebind = fields.text_map("rebind");
    spec.revert_requirements = fields.texts("revert_requires");
    spec.provides = provides(fields);
    spec.inject = fields.values("inject");
    spec.labels = fields.text_map("labels");
    spec.timeouts = timeouts(fields);
    spec.priority = static_cast<std::int32_t>(fields.integer("priority", 0, kPriorityMin, kPriorityMax));
    spec.on_worker_loss = fields.choice<OnWorkerLoss>("on_worker_loss", members::kOnWorkerLoss)
                              .value_or(OnWorkerLoss::Redeliver);
    spec.max_deliveries =
        static_cast<std::uint32_t>(fields.integer("max_deliveries", spec.max_deliveries, 1, kDeliveriesMax));
    spec.irreversible = fields.boolean("irreversible", false);
    spec.on_revert_failure = fields.choice<OnRevertFailure>("on_revert_failure", members::kOnRevertFailure)
                                 .value_or(OnRevertFailure::Stop);
    if (auto text = fields.text_or_empty("description"); !text.empty()) spec.description = std::move(text);
    return spec;
  }

  Provides provides(const JsonFields& fields) {
    const auto found = fields.find("provides");
    if (!found) return {};
    switch (found->kind()) {
      case Kind::String:
        return {Provides::Kind::Whole, {found->text()}};
      case Kind::Array:
        return {Provides::Kind::ByIndex, fields.texts("provides")};
      case Kind::Object:
        return {
            Provides::Kind::ByKey,
            JsonFields(problem_, *found, fields.place_of("provides"), members::kProvidesKeys).texts("keys")};
      case Kind::Null:
      case Kind::Bool:
      case Kind::Number:
        fields.refuse("provides",
                      "must be a name (the whole result), an array of names (by index) or {\"keys\": "
                      "[names]}, not " +
                          std::string(to_string(found->kind())));
    }
    return {};
  }

  Rare<Timeouts> timeouts(const JsonFields& task_fields) {
    const auto found = task_fields.find("timeouts");
    if (!found) return {};
    const JsonFields fields(problem_, *found, task_fields.place_of("timeouts"), members::kTimeouts);
    return Timeouts{fields.millis("schedule_to_start_ms"), fields.millis("start_to_close_ms"),
                    fields.millis("heartbeat_ms"), fields.millis("abandon_after_ms")};
  }

  RetrySpec retry(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kRetry);
    RetrySpec spec;
    spec.name = fields.text_or_empty("name");
    if (!fields.find("policy")) problem_.add(place, "needs the member \"policy\"");
    spec.policy = fields.choice<RetryPolicy>("policy", members::kPolicies).value_or(RetryPolicy::Times);
    spec.attempts = attempts(fields, spec.policy);
    if (const auto found = fields.find("values", Kind::Array))
      for (const JsonView& item : found->items()) spec.values.emplace_back(item.value());
    spec.revert_all = fields.boolean("revert_all", false);
    spec.provides = provides(fields);
    spec.requirements = fields.texts("requires");
    spec.rebind = fields.text_map("rebind");
    if (const auto found = fields.find("backoff")) spec.backoff = backoff(*found, fields.place_of("backoff"));
    spec.retry_on = fields.texts("retry_on");
    spec.budget = fields.millis("budget_ms");
    spec.on_exhausted =
        fields.choice<OnExhausted>("on_exhausted", members::kOnExhausted).value_or(OnExhausted::Revert);
    spec.user_policy = fields.text_or_empty("user_policy");
    if (const auto found = fields.find("parameters")) spec.parameters = found->value();
    return spec;
  }

  /// As in TaskFlow `times` takes any whole number: less than one is one.
  std::uint32_t attempts(const JsonFields& fields, RetryPolicy policy) {
    using Limits = std::numeric_limits<std::int32_t>;
    const auto number = fields.integer("attempts", attempts_unless_told(policy),
                                       policy == RetryPolicy::Times ? Limits::min() : 0, Limits::max());
    return static_cast<std::uint32_t>(std::max<std::int64_t>(number, 0));
  }

  Backoff backoff(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kBackoff);
    Backoff spec;
    if (!fields.find("initial_ms")) problem_.add(place, "needs the member \"initial_ms\"");
    spec.initial = fields.millis("initial_ms").value_or(Millis(1));
    spec.factor = fields.number("factor", 1.0, 1.0, 1000.0);
    spec.cap = fields.millis("cap_ms");
    spec.jitter = fields.number("jitter", 0.0, 0.0, 1.0);
    return spec;
  }

  LinkSpec link(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kLink);
    LinkSpec spec;
    spec.from = fields.text("from");
    spec.to = fields.text("to");
    if (const auto found = fields.find("when")) spec.when = when(*found, fields.place_of("when"));
    spec.depth = fields.choice<DeciderDepth>("depth", members::kDepths);
    return spec;
  }

  When when(JsonView json, const std::string& place) {
    const JsonFields fields(problem_, json, place, members::kWhen);
    When spec;
    if (fields.boolean("raise", false)) {
      spec.kind = When::Kind::Raise;
    } else if (fields.find("const")) {
      spec.kind = When::Kind::Const;
      spec.constant = fields.boolean("const", true);
    } else if (fields.find("result_of")) {
      spec.kind = When::Kind::ResultOfEquals;
      spec.result_of = fields.text("result_of");
      if (const auto equals = json.at("equals")) spec.equals = equals->value();
    } else {
      problem_.add(place,
                   "must be {\"result_of\": atom, \"equals\": value}, {\"const\": boolean} or {\"raise\": "
                   "true}");
    }
    return spec;
  }

 private:
  static constexpr std::int64_t kPriorityMax = 1'000'000;
  static constexpr std::int64_t kPriorityMin = -kPriorityMax;
  static constexpr std::int64_t kDeliveriesMax = 1'000'000'000;

  FirstProblem& problem_;
};

}  // namespace

TaskSpec read_task(FirstProblem& problem, JsonView json, const std::string& place) {
  return FlowReader(problem).task(json, place);
}
RetrySpec read_retry(FirstProblem& problem, JsonView json, const std::string& place) {
  return FlowReader(problem).retry(json, place);
}
When read_when(FirstProblem& problem, JsonView json, const std::string& place) {
  return FlowReader(problem).when(json, place);
}

Result<FlowSpec, FlowError> read_flow(const Value& json) {
  FirstProblem problem;
  FlowSpec flow = FlowReader(problem).flow(JsonView(json), "flow");
  if (auto error = problem.error()) return Fail(*std::move(error));
  return flow;
}

}  // namespace baton::engine
