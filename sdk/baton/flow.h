#pragma once

#include <baton/node.h>
#include <baton/retry.h>

#include <boost/json/object.hpp>
#include <string_view>
#include <utility>

/// What authors of flows write: a tree of tasks and flows, given to the host as the JSON of
/// conformance/FORMAT.md with Baton's members. Names are checked when the flow is compiled, not here.
///
///     Flow add_node(const std::string& host) {
///       return Flow::linear("add-" + host)
///           .retry(Retry::times(3).revert_all())
///           .add(task("server.create", "create-" + host).inject("hostname", host).provides("server_" +
///           host)) .add(task("server.wait", "wait-" + host).rebind("server", "server_" + host));
///     }
namespace baton::sdk {

/// How far a "no" of a decider reaches; the widest is the default.
enum class Depth { all, flow, neighbors, atom };

/// A decider: may the link be followed?
class When {
 public:
  /// Yes when that task's result equals the value, as Python compares.
  static When result_of(std::string_view task, json::value equals) {
    return When({{"result_of", to_json(task)}, {"equals", std::move(equals)}});
  }
  static When always(bool answer) { return When({{"const", answer}}); }

  const json::object& json() const { return json_; }

 private:
  explicit When(json::object json) : json_(std::move(json)) {}
  json::object json_;
};

/// A flow: a value, copied when it is added to another one.
class Flow {
 public:
  /// One after the other, in the order of adding.
  static Flow linear(std::string_view name) { return Flow(name, "linear"); }
  /// All at once: its nodes do not use each other's symbols.
  static Flow unordered(std::string_view name) { return Flow(name, "unordered"); }
  /// Ordered by links, and by who provides what to whom.
  static Flow graph(std::string_view name) { return Flow(name, "graph"); }

  Flow& retry(const Retry& retry) { return json_["retry"] = retry.json(), *this; }
  Flow& describe(std::string_view text) { return json_["description"] = to_json(text), *this; }

  Flow& add(TaskNode task) { return nodes().push_back(std::move(task).take_json()), *this; }
  Flow& add(Flow flow) {
    json::object node;
    node["flow"] = std::move(flow.json_);
    return nodes().push_back(std::move(node)), *this;
  }

  /// Graph flows: `to` after `from`, both direct children by name.
  Flow& link(std::string_view from, std::string_view to) { return add_link(from, to, {}); }
  Flow& link(std::string_view from, std::string_view to, const When& when, Depth depth = Depth::all) {
    static constexpr const char* kDepths[] = {"all", "flow", "neighbors", "atom"};
    return add_link(from, to, {{"when", when.json()}, {"depth", kDepths[static_cast<int>(depth)]}});
  }

  const json::object& json() const { return json_; }

 private:
  Flow(std::string_view name, const char* pattern) {
    json_["name"] = to_json(name);
    json_["pattern"] = pattern;
    json_["nodes"].emplace_array();
  }

  json::array& nodes() { return json_["nodes"].get_array(); }

  Flow& add_link(std::string_view from, std::string_view to, json::object link) {
    link["from"] = to_json(from);
    link["to"] = to_json(to);
    auto& links = json_["links"];
    if (!links.is_array()) links.emplace_array();
    return links.get_array().push_back(std::move(link)), *this;
  }

  json::object json_;
};

}  // namespace baton::sdk
