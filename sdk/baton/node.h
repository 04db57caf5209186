#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace baton::sdk {

namespace json = boost::json;

inline json::value to_json(std::string_view text) {
  return json::string_view(text.data(), text.size());
}

inline json::array to_json(std::initializer_list<std::string_view> texts) {
  json::array array;
  for (const std::string_view text : texts) array.push_back(to_json(text));
  return array;
}

/// Symbols that a result provides: the members of TaskNode and Retry that say it.
template <class Self>
class ProvidesSymbols {
 public:
  /// The whole result is this symbol.
  Self& provides(std::string_view symbol) { return set(to_json(symbol)); }
  /// result[0] is the first symbol, result[1] the second, …
  Self& provides_items(std::initializer_list<std::string_view> symbols) { return set(to_json(symbols)); }
  /// result["x"] is symbol x.
  Self& provides_keys(std::initializer_list<std::string_view> symbols) {
    json::object keys;
    keys["keys"] = to_json(symbols);
    return set(std::move(keys));
  }

 private:
  Self& set(json::value provides) {
    auto& self = static_cast<Self&>(*this);
    self.json_["provides"] = std::move(provides);
    return self;
  }
};

/// One task of a flow: its type (what a worker advertises), its name (unique in the whole flow), its symbols.
class TaskNode : public ProvidesSymbols<TaskNode> {
 public:
  TaskNode(std::string_view type, std::string_view name) {
    json_["task"] = to_json(type);
    json_["name"] = to_json(name);
  }

  /// Arguments that are symbols of the same name ("requires" in the JSON: a keyword in C++).
  TaskNode& needs(std::initializer_list<std::string_view> symbols) { return append("requires", symbols); }
  TaskNode& needs(std::string_view symbol) { return append("requires", {symbol}); }
  /// Arguments of revert, where they differ from those of execute.
  TaskNode& revert_needs(std::initializer_list<std::string_view> s) { return append("revert_requires", s); }
  /// The argument takes its value from the symbol.
  TaskNode& rebind(std::string_view argument, std::string_view symbol) {
    return put("rebind", argument, to_json(symbol));
  }
  /// A value for this task only, and the argument that takes it.
  TaskNode& inject(std::string_view argument, json::value value) {
    put("inject", argument, std::move(value));
    return append("requires", {argument});
  }
  /// The same from a std::string, a std::vector, … : whatever Boost.JSON's value_from knows.
  template <class T>
  TaskNode& inject(std::string_view argument, const T& value) {
    return inject(argument, json::value(json::value_from(value)));
  }
  /// The worker must carry this label.
  TaskNode& label(std::string_view key, std::string_view value) { return put("labels", key, to_json(value)); }

  using Millis = std::chrono::milliseconds;
  /// From the decision to run it to a worker's start; waiting for a fitting worker does not count.
  TaskNode& schedule_to_start(Millis time) { return timeout("schedule_to_start_ms", time); }
  /// From its start to its end; none by default.
  TaskNode& start_to_close(Millis time) { return timeout("start_to_close_ms", time); }
  /// The longest silence of the worker about it.
  TaskNode& heartbeat(Millis time) { return timeout("heartbeat_ms", time); }
  /// How long a timed-out or cancelled execution may take to end before the flow goes on without its word.
  TaskNode& abandon_after(Millis time) { return timeout("abandon_after_ms", time); }

  TaskNode& priority(std::int32_t priority) { return set("priority", priority); }  // higher first
  /// Do not run it again elsewhere when its worker is lost: fail with type WorkerLost.
  TaskNode& fail_on_worker_loss() { return set("on_worker_loss", "fail"); }
  TaskNode& max_deliveries(std::uint32_t count) { return set("max_deliveries", count); }
  /// It cannot be undone: a rollback stops here.
  TaskNode& irreversible() { return set("irreversible", true); }
  /// Its failing revert does not stop the rollback of the others.
  TaskNode& continue_on_revert_failure() { return set("on_revert_failure", "continue"); }
  TaskNode& describe(std::string_view text) { return set("description", to_json(text)); }

  const json::object& json() const { return json_; }
  json::object take_json() && { return std::move(json_); }

 private:
  friend class ProvidesSymbols<TaskNode>;

  TaskNode& set(const char* member, json::value value) { return json_[member] = std::move(value), *this; }
  TaskNode& put(const char* member, std::string_view key, json::value value) {
    auto& object = json_[member];
    if (!object.is_object()) object.emplace_object();
    object.get_object()[json::string_view(key.data(), key.size())] = std::move(value);
    return *this;
  }
  TaskNode& append(const char* member, std::initializer_list<std::string_view> texts) {
    auto& array = json_[member];
    if (!array.is_array()) array.emplace_array();
    for (const std::string_view text : texts) {
      const json::value name = to_json(text);
      auto& names = array.get_array();
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return *this;
  }
  TaskNode& timeout(const char* member, Millis time) {
    return put("timeouts", member, static_cast<std::int64_t>(time.count()));
  }

  json::object json_;
};

inline TaskNode task(std::string_view type, std::string_view name) {
  return {type, name};
}

}  // namespace baton::sdk
