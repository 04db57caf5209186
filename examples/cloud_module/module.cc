#include <baton/registry.h>

#include "cluster_flows.h"
#include "server_tasks.h"

namespace {

namespace json = boost::json;
using baton::sdk::Items;
using baton::sdk::Parameters;

std::string text(const json::object& parameters, const char* name) {
  return std::string(parameters.at(name).as_string());
}

std::vector<std::string> texts(const json::object& parameters, const char* name) {
  std::vector<std::string> all;
  for (const auto& item : parameters.at(name).as_array()) all.emplace_back(item.as_string());
  return all;
}

}  // namespace

BATON_MODULE("examples.cloud", "1.0") {
  tasks.add<examples::CreateServer>("server.create", "makes a server; reverting deletes it");
  tasks.add<examples::WaitForServer>("server.wait", "waits until a server is ACTIVE");
  tasks.add<examples::Nothing>("noop", "does nothing");
  tasks.add<examples::Nap>("nap", "does nothing for so many ms");

  flows.add(
      "create-cluster",
      Parameters{}.list("nodes", Items::string).describe("hostnames").string("name", "cluster"),
      [](const json::object& given) {
        return examples::create_cluster(text(given, "name"), texts(given, "nodes"));
      },
      "makes a server for every node, all in parallel, and configures the cluster once");
  flows.add(
      "add-node", Parameters{}.string("node").describe("hostname").string("name", "cluster"),
      [](const json::object& given) {
        return examples::add_node_to_cluster(text(given, "name"), text(given, "node"));
      },
      "one node more");
  flows.add("bench-chain", Parameters{}.integer("length", 200),
            [](const json::object& given) { return examples::bench_chain(given.at("length").as_int64()); });
  flows.add("bench-cluster", Parameters{}.integer("nodes", 3),
            [](const json::object& given) { return examples::bench_cluster(given.at("nodes").as_int64()); });
  flows.add("bench-naps", Parameters{}.integer("tasks", 1).integer("ms", 100), [](const json::object& given) {
    return examples::bench_naps(given.at("tasks").as_int64(), given.at("ms").as_int64());
  });
  flows.add("bench-fan", Parameters{}.integer("width", 1000),
            [](const json::object& given) { return examples::bench_fan(given.at("width").as_int64()); });
}
