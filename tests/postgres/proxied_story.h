#pragma once

#include "common/postgres/conninfo.h"
#include "tests/contract/store/store_story.h"
#include "tests/postgres/tcp_proxy.h"

namespace baton::test {

struct Noted final : ports::FlowStore::Listener {
  void on_reachable(bool reachable) override { words.push_back(reachable ? "reachable" : "away"); }
  void on_another_database(const std::string& what) override { words.push_back(what); }
  void on_order(const FlowId& flow) override { orders.push_back(flow); }
  void on_orders_missed() override { ++missed; }
  std::vector<std::string> words;
  std::vector<FlowId> orders;
  int missed = 0;
};

inline std::uint16_t port_of(const std::string& conninfo) {
  const auto info = postgres::parse_conninfo(conninfo);
  REQUIRE(info.ok());
  return static_cast<std::uint16_t>(std::stoi(info.value().at("port")));
}

/// A store that reaches Postgres through a proxy.
template <class Stores>
class StoryThroughProxy : public StoreStory<Stores> {
  using Story = StoreStory<Stores>;

 public:
  using Story::store, Story::stores;

  StoryThroughProxy() : proxy(stores.io(), port_of(stores.schema().conninfo())) {
    const std::string conninfo =
        stores.schema().conninfo() + " port=" + std::to_string(proxy.port());  // the last one counts
    store = std::make_unique<postgres::PostgresFlowStore>(
        stores.io(), postgres::FlowStoreSettings{conninfo, stores.schema().name(), stores.schema().name()});
    store->listen(noted);
  }
  ~StoryThroughProxy() { store.reset(); }

  ports::ClaimOutcome started(const std::string& job = "job-1") {
    const auto claim = Story::owned(Story::request(posting(job), 100, "c1"));
    Story::must_append(
        Story::first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                  atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
    return claim;
  }

  Noted noted;
  TcpProxy proxy;
};
using ProxiedStory = StoryThroughProxy<PostgresStores>;

}  // namespace baton::test
