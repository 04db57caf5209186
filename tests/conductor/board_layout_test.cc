#include <algorithm>

#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

const std::string kOther = "conductor.board_shards is 2 here, but the board is in 4 folders";
const std::string kFolder = "/taskflow.3/jobs";

/// A board that is spread over other folders than this conductor was told (PROTOCOL.md I22, I23, H32).
struct BoardLayout : Cluster {
  void post_chain(const std::string& uuid) {
    post(uuid, R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  }
  bool noted(const std::string& uuid) {
    const auto job = database->jobs().find(JobId(uuid));
    return job != database->jobs().end() && job->second.removed_at;
  }
  void until_noted(const std::string& uuid) {
    until(
        uuid + " is noted as gone", [&] { return noted(uuid); }, Millis{180'000});
  }
  /// The job has ended and its node is gone; that it is was not noted.
  Node& with_an_end_that_is_not_noted() {
    auto& node = conductor();
    worker("w1");
    node.store->refuse_removals(true);
    post_chain("ended");
    until_ended("ended");
    until("the board is empty", [&] { return on_board().empty(); });
    loop.run_for(Millis{120'000});  // longer than who has removed the node tries
    return node;
  }
  std::string paused() { return conductor().conductor->gauges().claiming_paused; }
  std::string left_alone(const std::string& path) {
    for (const auto& job : conductor().conductor->left_alone())
      if (job.board_path == path) return job.reason;
    return {};
  }
};

}  // namespace

TEST_CASE_METHOD(BoardLayout,
                 "H32: who was told another number of shards claims and notes nothing, and says why") {
  auto& node = with_an_end_that_is_not_noted();
  node.board->refuse(kOther);
  until(
      "it is shown", [&] { return paused() == kOther; }, Millis{120'000});
  node.store->refuse_removals(false);
  post_chain("waits");
  loop.run_for(Millis{300'000});
  CHECK_FALSE(noted("ended"));
  CHECK(on_board().size() == 1);
  CHECK_FALSE(database->jobs().contains(JobId("waits")));
  node.board->refuse("");
  until_ended("waits");
  until_noted("ended");
  CHECK(paused().empty());
}

TEST_CASE_METHOD(BoardLayout,
                 "a session that ended while claiming is no board that is another than we were told") {
  auto& node = conductor();
  worker("w1");
  node.board->fail_claims(ports::BoardErrorCode::SessionLost);
  post_chain("waits");
  loop.run_for(Millis{5'000});
  CHECK(paused().empty());
  node.board->fail_claims(std::nullopt);
  until_ended("waits");
}

TEST_CASE_METHOD(BoardLayout, "what is held when the board becomes another goes on to its end") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held = {"step-1"};
  post_chain("held");
  until("it runs", [&] { return w.holds("step-1"); });
  node.board->refuse(kOther);
  until(
      "it is shown", [&] { return paused() == kOther; }, Millis{120'000});
  w.release("step-1");
  until_ended("held");
  until("it has left the board", [&] { return on_board().empty(); });
  CHECK(state("held") == FlowState::Success);
  CHECK(script.calls == std::vector<std::string>{"step-1"});
}

TEST_CASE_METHOD(
    BoardLayout,
    "H32: while jobs stand in a folder that nobody lists they are shown, and no removal is noted") {
  auto& node = with_an_end_that_is_not_noted();
  node.board->stray(kFolder, 3);
  until("it is shown", [&] { return left_alone(kFolder).starts_with("3 job nodes stand in this folder"); });
  node.store->refuse_removals(false);
  loop.run_for(Millis{300'000});
  CHECK_FALSE(noted("ended"));
  node.board->stray(kFolder, 0);
  until_noted("ended");
  CHECK(left_alone(kFolder).empty());
}
