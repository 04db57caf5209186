#include "common/model/atom_record.h"

#include <boost/json/serialize.hpp>

namespace baton {
namespace {

std::string answers_json(const RetryEntry& entry) {
  std::string json = "{";
  for (const auto& [atom, answer] : entry.answers) {
    if (json.size() > 1) json += ", ";
    json += quoted(atom) + ": " + quoted(to_string(answer));
  }
  return json + "}";
}

}  // namespace

Value to_value(const RetryHistory& history) {
  std::string json = "[";
  for (const auto& entry : history) {
    if (json.size() > 1) json += ", ";
    json += "{\"value\": " + std::string(entry.value.json()) + ", \"failures\": {";
    bool first = true;
    for (const auto& [atom, failure] : entry.failures) {
      if (!std::exchange(first, false)) json += ", ";
      json += quoted(atom) + ": " + std::string(failure.to_value().json());
    }
    json += "}";
    if (entry.first_failure_at)
      json += ", \"first_failure_at\": " + std::to_string(entry.first_failure_at->time_since_epoch().count());
    if (!entry.answers.empty()) json += ", \"answers\": " + answers_json(entry);
    json += "}";
  }
  return Value::from_stored(json + "]");
}

namespace {

/// A value of ours, read back: it has passed the border before.
Value stored(const boost::json::value& tree) {
  return Value::from_stored(boost::json::serialize(tree));
}

}  // namespace

RetryHistory retry_history_from(const Value& value) {
  RetryHistory history;
  const auto tree = value.tree();
  if (!tree.is_array()) return history;
  for (const auto& item : tree.get_array()) {
    const auto& object = item.as_object();
    RetryEntry entry;
    entry.value = stored(object.at("value"));
    for (const auto& [atom, failure] : object.at("failures").as_object())
      entry.failures.emplace_back(std::string(atom), Failure::from_value(stored(failure)));
    if (const auto* at = object.if_contains("first_failure_at"))
      entry.first_failure_at = TimePoint(Micros(at->to_number<std::int64_t>()));
    if (const auto* answers = object.if_contains("answers"))
      for (const auto& [atom, answer] : answers->as_object())
        if (const auto known = retry_answer_from(std::string_view(answer.as_string())))
          entry.answers.emplace_back(std::string(atom), *known);
    history.push_back(std::move(entry));
  }
  return history;
}

}  // namespace baton
