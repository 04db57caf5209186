#pragma once

#include <baton/flow.h>

#include <string>
#include <vector>

namespace examples {

/// create_server -> wait_for_server, tried three times; when that is used up, everything of the whole flow is
/// reverted.
baton::sdk::Flow add_node(const std::string& hostname);
/// All nodes in parallel, and only then configure, once.
baton::sdk::Flow create_cluster(const std::string& name, const std::vector<std::string>& hostnames);
/// One node more for a cluster that is there.
baton::sdk::Flow add_node_to_cluster(const std::string& name, const std::string& hostname);

/// No-op flows for the bench: a chain, and a fan-out with a join.
baton::sdk::Flow bench_chain(std::int64_t length);
baton::sdk::Flow bench_cluster(std::int64_t nodes);  // create-cluster's shape
baton::sdk::Flow bench_fan(std::int64_t width);
baton::sdk::Flow bench_naps(std::int64_t tasks, std::int64_t ms);  // one after the other

}  // namespace examples
