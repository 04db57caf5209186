#include "engine/flow_writer.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "engine/flow_members.h"

namespace baton::engine {
namespace {

namespace members = flow_members;

/// One JSON object, member by member.
class ObjectWriter {
 public:
  void raw(std::string_view member, std::string_view json) {
    json_ += (json_.size() > 1 ? ", " : "") + quoted(member) + ": ";
    json_ += json;
  }
  void text(std::string_view member, std::string_view text) { raw(member, quoted(text)); }
  void text_unless_empty(std::string_view member, std::string_view text) {
    if (!text.empty()) raw(member, quoted(text));
  }
  void number(std::string_view member, std::int64_t number) { raw(member, std::to_string(number)); }
  void millis(std::string_view member, std::optional<Millis> millis) {
    if (millis) number(member, millis->count());
  }
  bool empty() const { return json_.size() == 1; }
  std::string done() { return json_ + "}"; }

 private:
  std::string json_ = "{";
};

template <class Items, class Show>
std::string array_json(const Items& items, Show show) {
  std::string json = "[";
  for (const auto& item : items) {
    if (json.size() > 1) json += ", ";
    json += show(item);
  }
  return json + "]";
}

std::string texts_json(const std::vector<std::string>& texts) {
  return array_json(texts, [](const std::string& text) { return quoted(text); });
}

std::string text_map_json(const std::map<std::string, std::string>& map) {
  ObjectWriter object;
  for (const auto& [key, text] : map) object.text(key, text);
  return object.done();
}

std::string value_map_json(const std::map<std::string, Value>& map) {
  ObjectWriter object;
  for (const auto& [key, value] : map) object.raw(key, value.json());
  return object.done();
}

std::string number_json(double number) {
  return boost::json::serialize(boost::json::value(number));
}

void write_provides(ObjectWriter& object, const Provides& provides) {
  switch (provides.kind) {
    case Provides::Kind::Nothing:
      return;
    case Provides::Kind::Whole:
      return object.text("provides", provides.symbols.front());
    case Provides::Kind::ByIndex:
      return object.raw("provides", texts_json(provides.symbols));
    case Provides::Kind::ByKey:
      return object.raw("provides", "{\"keys\": " + texts_json(provides.symbols) + "}");
  }
}

void write_timeouts(ObjectWriter& object, const Timeouts& timeouts) {
  ObjectWriter inside;
  inside.millis("schedule_to_start_ms", timeouts.schedule_to_start);
  inside.millis("start_to_close_ms", timeouts.start_to_close);
  inside.millis("heartbeat_ms", timeouts.heartbeat);
  inside.millis("abandon_after_ms", timeouts.abandon_after);
  if (!inside.empty()) object.raw("timeouts", inside.done());
}

std::string backoff_json(const Backoff& backoff) {
  ObjectWriter object;
  object.number("initial_ms", backoff.initial.count());
  if (backoff.factor != 1.0) object.raw("factor", number_json(backoff.factor));
  object.millis("cap_ms", backoff.cap);
  if (backoff.jitter != 0.0) object.raw("jitter", number_json(backoff.jitter));
  return object.done();
}

std::string link_json(const LinkSpec& link) {
  ObjectWriter object;
  object.text("from", link.from);
  object.text("to", link.to);
  if (link.when) object.raw("when", when_json(*link.when));
  if (link.depth) object.text("depth", members::name_of(members::kDepths, *link.depth));
  return object.done();
}

std::string flow_json(const FlowSpec& flow) {
  ObjectWriter object;
  object.text("name", flow.name);
  object.text("pattern", members::name_of(members::kPatterns, flow.pattern));
  object.text_unless_empty("description", flow.description);
  if (flow.retry) object.raw("retry", retry_json(*flow.retry));
  object.raw("nodes", array_json(flow.nodes, [](const NodeSpec& node) {
               if (const auto* task = std::get_if<TaskSpec>(&node)) return task_json(*task);
               return "{\"flow\": " + flow_json(*std::get<std::shared_ptr<const FlowSpec>>(node)) + "}";
             }));
  if (!flow.links.empty()) object.raw("links", array_json(flow.links, link_json));
  return object.done();
}

}  // namespace

std::string task_json(const TaskSpec& task) {
  const TaskSpec fallback;
  ObjectWriter object;
  object.text("task", task.type);
  object.text("name", task.name);
  if (!task.requirements.empty()) object.raw("requires", texts_json(task.requirements));
  if (!task.rebind.empty()) object.raw("rebind", text_map_json(task.rebind));
  if (!task.revert_requirements.empty()) object.raw("revert_requires", texts_json(task.revert_requirements));
  write_provides(object, task.provides);
  if (!task.inject.empty()) object.raw("inject", value_map_json(task.inject));
  if (!task.labels.empty()) object.raw("labels", text_map_json(task.labels));
  write_timeouts(object, task.timeouts.or_default());
  if (task.priority != fallback.priority) object.number("priority", task.priority);
  if (task.on_worker_loss != fallback.on_worker_loss)
    object.text("on_worker_loss", members::name_of(members::kOnWorkerLoss, task.on_worker_loss));
  if (task.max_deliveries != fallback.max_deliveries) object.number("max_deliveries", task.max_deliveries);
  if (task.irreversible) object.raw("irreversible", "true");
  if (task.on_revert_failure != fallback.on_revert_failure)
    object.text("on_revert_failure", members::name_of(members::kOnRevertFailure, task.on_revert_failure));
  object.text_unless_empty("description", task.description.or_default());
  return object.done();
}

std::string retry_json(const RetrySpec& retry) {
  ObjectWriter object;
  object.text_unless_empty("name", retry.name);
  object.text("policy", members::name_of(members::kPolicies, retry.policy));
  if (retry.attempts != attempts_unless_told(retry.policy)) object.number("attempts", retry.attempts);
  if (!retry.values.empty())
    object.raw("values",
               array_json(retry.values, [](const Value& value) { return std::string(value.json()); }));
  if (retry.revert_all) object.raw("revert_all", "true");
  write_provides(object, retry.provides);
  if (!retry.requirements.empty()) object.raw("requires", texts_json(retry.requirements));
  if (!retry.rebind.empty()) object.raw("rebind", text_map_json(retry.rebind));
  if (retry.backoff) object.raw("backoff", backoff_json(*retry.backoff));
  if (!retry.retry_on.empty()) object.raw("retry_on", texts_json(retry.retry_on));
  object.millis("budget_ms", retry.budget);
  if (retry.on_exhausted != OnExhausted::Revert)
    object.text("on_exhausted", members::name_of(members::kOnExhausted, retry.on_exhausted));
  object.text_unless_empty("user_policy", retry.user_policy);
  if (!retry.parameters.is_null()) object.raw("parameters", retry.parameters.json());
  return object.done();
}

std::string when_json(const When& when) {
  ObjectWriter object;
  switch (when.kind) {
    case When::Kind::ResultOfEquals:
      object.text("result_of", when.result_of);
      object.raw("equals", when.equals.json());
      break;
    case When::Kind::Const:
      object.raw("const", when.constant ? "true" : "false");
      break;
    case When::Kind::Raise:
      object.raw("raise", "true");
      break;
  }
  return object.done();
}

Value write_flow(const FlowSpec& flow) {
  return Value::from_stored(flow_json(flow));
}

}  // namespace baton::engine
