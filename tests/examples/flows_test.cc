#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "common/modules/module_set.h"

using namespace baton;

namespace {

struct CloudModule {
  modules::ModuleSet set;
  CloudModule() {
    const auto loaded = set.load(CLOUD_MODULE);
    INFO((loaded.ok() ? "" : loaded.error().message));
    REQUIRE(loaded.ok());
  }
  boost::json::value flow(const char* name, const char* parameters) {
    const auto built = set.build_flow(name, Value(), Value::parse(parameters).value());
    INFO((built.ok() ? "" : built.error().message));
    REQUIRE(built.ok());
    return built.value().tree();
  }
};

}  // namespace

TEST_CASE_METHOD(CloudModule, "the example module offers its tasks and flows") {
  for (const char* task : {"server.create", "server.wait", "noop"}) CHECK(set.tasks().count(task) == 1);
  for (const char* flow : {"create-cluster", "add-node", "bench-chain", "bench-fan"})
    CHECK(set.knows_flow(flow));
}

TEST_CASE_METHOD(CloudModule,
                 "create-cluster: every node in parallel with its retry, configure behind all of them") {
  const auto tree = flow("create-cluster", R"({"nodes": ["a", "b"]})");
  CHECK(tree.at("pattern") == "linear");
  const auto& servers = tree.at("nodes").at(0).at("flow");
  CHECK(servers.at("pattern") == "unordered");
  REQUIRE(servers.at("nodes").as_array().size() == 2);
  const auto& node = servers.at("nodes").at(1).at("flow");
  CHECK(node.at("retry").at("attempts") == 3);
  CHECK(node.at("retry").at("revert_all") == true);
  CHECK(node.at("nodes").at(0).at("name") == "create-b");
  CHECK(node.at("nodes").at(1).at("rebind").at("server") == "server_b");
  CHECK(tree.at("nodes").at(1).at("task") == "cluster.configure");
}

TEST_CASE_METHOD(CloudModule, "add-node reuses what create-cluster does for a node") {
  const auto tree = flow("add-node", R"({"node": "c"})");
  CHECK(tree.at("nodes").at(0) ==
        flow("create-cluster", R"({"nodes": ["c"]})").at("nodes").at(0).at("flow").at("nodes").at(0));
}

TEST_CASE_METHOD(CloudModule, "missing nodes are refused by name") {
  const auto built = set.build_flow("create-cluster", Value(), Value::parse("{}").value());
  REQUIRE(!built.ok());
  CHECK(built.error().message.find("parameter 'nodes' is missing, expected: list of string") !=
        std::string::npos);
}
