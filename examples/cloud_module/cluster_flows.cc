#include "cluster_flows.h"

namespace examples {

using baton::sdk::Flow;
using baton::sdk::Retry;
using baton::sdk::task;

Flow add_node(const std::string& hostname) {
  return Flow::linear("add-" + hostname)
      .retry(Retry::times(3).revert_all())
      .add(task("server.create", "create-" + hostname)
               .inject("hostname", hostname)
               .needs("hostname")
               .provides("server_" + hostname))
      .add(task("server.wait", "wait-" + hostname).rebind("server", "server_" + hostname));
}

Flow create_cluster(const std::string& name, const std::vector<std::string>& hostnames) {
  auto servers = Flow::unordered("servers");
  for (const auto& hostname : hostnames) servers.add(add_node(hostname));
  return Flow::linear("create-cluster")
      .add(servers)
      .add(task("cluster.configure", "configure").inject("cluster", name).needs("cluster"));
}

Flow add_node_to_cluster(const std::string& name, const std::string& hostname) {
  return Flow::linear("add-node")
      .add(add_node(hostname))
      .add(task("cluster.configure", "configure").inject("cluster", name).needs("cluster"));
}

Flow bench_chain(std::int64_t length) {
  auto chain = Flow::linear("bench-chain");
  for (std::int64_t i = 0; i < length; ++i) chain.add(task("noop", "step-" + std::to_string(i)));
  return chain;
}

Flow bench_cluster(std::int64_t nodes) {
  auto servers = Flow::unordered("servers");
  for (std::int64_t i = 0; i < nodes; ++i) {
    const auto number = std::to_string(i);
    servers.add(Flow::linear("add-" + number)
                    .add(task("noop", "create-" + number))
                    .add(task("noop", "wait-" + number)));
  }
  return Flow::linear("bench-cluster").add(servers).add(task("noop", "configure"));
}

Flow bench_fan(std::int64_t width) {
  auto fan = Flow::unordered("fan");
  for (std::int64_t i = 0; i < width; ++i) fan.add(task("noop", "branch-" + std::to_string(i)));
  return Flow::linear("bench-fan").add(fan).add(task("noop", "join"));
}

Flow bench_naps(std::int64_t tasks, std::int64_t ms) {
  auto chain = Flow::linear("bench-naps");
  for (std::int64_t i = 0; i < tasks; ++i)
    chain.add(task("nap", "nap-" + std::to_string(i)).inject("ms", ms).needs("ms"));
  return chain;
}

}  // namespace examples
