#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/memory/ensemble.h"
#include "common/memory/flow_database.h"
#include "common/memory/flow_store.h"
#include "common/memory/job_board.h"
#include "common/memory/seeded_entropy.h"
#include "common/runtime/asio_loop.h"
#include "conductor/api/api_server.h"
#include "tests/api/http_peer.h"

namespace baton::test {

/// What the conductor would show of itself: set by the test.
struct ToldInspection final : conductor::Inspection {
  ports::Member self() const override { return me; }
  std::vector<conductor::LiveFlow> flows() const override { return live; }
  std::optional<conductor::LiveFlow> flow(const JobId&) const override;
  std::vector<conductor::LeftAloneJob> left_alone() const override { return alone; }
  std::vector<conductor::ParkedJob> parked() const override { return parked_jobs; }
  std::vector<conductor::WorkerView> workers() const override { return worker_views; }
  std::vector<ports::Member> conductors() const override { return members; }
  conductor::Counters counters() const override { return counted; }
  conductor::Gauges gauges() const override { return measured; }
  const conductor::HookBook* hooks() const override { return &hook_book; }
  bool test_hook(const std::string& name, std::function<void(const std::string& error)> done) override {
    if (!hook_book.find(name)) return false;
    done(hook_error);
    return true;
  }

  ports::Member me;
  std::vector<conductor::LiveFlow> live;
  std::vector<conductor::LeftAloneJob> alone;
  std::vector<conductor::ParkedJob> parked_jobs;
  std::vector<conductor::WorkerView> worker_views;
  std::vector<ports::Member> members;
  conductor::Counters counted;
  conductor::Gauges measured;
  conductor::HookBook hook_book;
  std::string hook_error;  // of a test; empty: it is taken
};

/// One flow: "greet", of a task that greets `who`.
struct GreetingCatalogue final : conductor::FlowCatalogue {
  bool knows(std::string_view name) const override { return name == "greet"; }
  Result<Value, conductor::CatalogueError> build(std::string_view name, const Value& args,
                                                 const Value& kwargs) override;
  std::vector<conductor::CatalogueEntry> entries() const override;
};

/// The API of one conductor on adapters in memory, and the conductor's part played by hand.
class ApiWorld {
 public:
  explicit ApiWorld(api::Limits limits = {});

  HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const std::map<std::string, std::string>& headers = {});
  HttpAnswer get(const std::string& target) { return ask("GET", target); }
  HttpAnswer post(const std::string& body, const std::map<std::string, std::string>& headers = {}) {
    return ask("POST", "/v1/jobs", body, headers);
  }
  HttpPeer peer() { return HttpPeer(loop, server->port()); }
  /// Opens a stream of events.
  HttpPeer stream(const std::string& target, const std::map<std::string, std::string>& headers = {});

  /// Posts a greeting past the API, as a Python poster would; the board's path.
  std::string post_greeting(const std::string& uuid, const std::string& name = "hello");
  std::vector<ports::BoardJob> board_jobs();
  /// Claims the job that stands on the board as "conductor-1" and stores its plan (atoms "hello", "bye").
  void claim(const std::string& uuid);
  /// Records steps of the claimed job: "hello" RUNNING → SUCCESS, or the whole flow.
  void run_atom(const std::string& uuid, AtomIndex atom, const std::string& result = "\"hi\"");
  void finish(const std::string& uuid, FlowState state = FlowState::Success);
  /// The claimed job's flow takes what is asked of it.
  void take_orders(const std::string& uuid, const std::string& no_effect = {});
  /// The conductor's feed tells of a step, of the flow's end if it is `final`.
  void tell_step(const std::string& uuid, bool final = false);

  runtime::AsioLoop loop;
  memory::SeededEntropy entropy{7};
  memory::MemoryEnsemble ensemble{loop, loop, entropy};
  memory::MemorySession session{ensemble};
  memory::MemoryJobBoard board{session, {"/taskflow/jobs", "conductor-1"}};
  std::shared_ptr<memory::FlowDatabase> database = std::make_shared<memory::FlowDatabase>();
  memory::MemoryFlowStore store{loop, loop, database};
  ToldInspection inspection;
  conductor::EventFeed feed;
  GreetingCatalogue catalogue;
  runtime::Metrics metrics;
  api::ProcessFacts process_facts;
  std::optional<api::ApiServer> server;

 private:
  struct Claimed {
    ports::ClaimOutcome outcome;
    engine::PlanPtr plan;
    std::uint64_t seq = 0;
    FlowState state = FlowState::Pending;
  };
  template <class T, class E>
  T wait(std::function<void(std::function<void(Result<T, E>)>)> begin);
  void append(const std::string& uuid, std::vector<Fact> facts, bool with_plan = false,
              std::vector<ports::TakenOrder> orders = {});

  std::map<std::string, Claimed> claimed_;
};

}  // namespace baton::test
