#include "tests/conformance/cluster_posting.h"

#include <set>
#include <stdexcept>

namespace baton::conformance {
namespace {

namespace json = boost::json;

constexpr std::int64_t kNoBound = 1'000'000'000;  // the most that a flow may say

/// Takes the flow as it stands, also one that no engine can read: that is for the conductor to refuse.
class Tasks {
 public:
  void visit(json::value& flow) {
    auto* nodes = member(flow, "nodes");
    if (!nodes || !nodes->is_array()) return;
    for (auto& node : nodes->get_array()) {
      if (auto* nested = member(node, "flow"))
        visit(*nested);
      else if (auto* type = member(node, "task"))
        task(node.get_object(), *type);
    }
  }

  std::set<std::string> types;
  std::uint32_t count = 0;

 private:
  static json::value* member(json::value& value, const char* name) {
    auto* object = value.if_object();
    return object ? object->if_contains(name) : nullptr;
  }

  void task(json::object& node, const json::value& type) {
    ++count;
    if (type.is_string()) types.emplace(type.get_string());
    if (!node.contains("max_deliveries")) node["max_deliveries"] = kNoBound;  // each crash costs one
  }
};

}  // namespace

ClusterPosting posting_of(const Case& one) {
  json::value flow = one.flow.tree();
  Tasks tasks;
  tasks.visit(flow);
  json::object store;
  for (const auto& [symbol, value] : one.store) store[symbol] = value.tree();
  auto details = Value::from(json::object{
      {"flow", std::move(flow)},
      {"store", std::move(store)},
      {"options",
       {{"defer_reverts", one.options.defer_reverts}, {"never_resolve", one.options.never_resolve}}}});
  if (!details) throw std::runtime_error("it cannot be posted: " + details.error().message);
  return {*std::move(details), {tasks.types.begin(), tasks.types.end()}, tasks.count};
}

}  // namespace baton::conformance
