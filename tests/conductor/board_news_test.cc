#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

const std::string kFirst = "/taskflow/jobs/job0000000000";

/// What the board tells of a job that we are claiming, hold, or are about to let go.
struct BoardNews : Cluster {
  void post_chain(const std::string& uuid) {
    post(uuid, R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  }
  Conductor& c1() { return *conductor().conductor; }
  /// As if this ZooKeeper had been restored from a backup: the store knows a later claim of the first job.
  void claim_later() {
    ports::ClaimRequest later;
    later.posting = Posting::parse(ensemble.find(kFirst)->data).value();
    later.board_path = kFirst;
    later.board_id = ensemble.id_at("/taskflow/.baton/board-id");
    later.lock_czxid = 1'000'000;
    REQUIRE(database->claim(later, loop.wall())->verdict == ports::ClaimVerdict::Owned);
  }
};

}  // namespace

TEST_CASE_METHOD(BoardNews, "nothing is kept of jobs that have ended, whoever ended them") {
  conductor("c1");
  conductor("c2");
  worker("w1");
  for (int i = 0; i < 10; ++i) post_chain("job-" + std::to_string(i));
  post("wrong", R"({"factory": {"name": "chain", "kwargs": {"length": "two"}}})");
  until("the board is empty", [&] { return on_board().empty(); });
  for (const char* name : {"c1", "c2"}) {
    auto& one = *conductor(name).conductor;
    until("nothing is held", [&] { return one.flows().empty(); });
    CHECK(one.counters().jobs_claimed > 0);
    until("nothing is kept", [&] { return one.gauges().board_jobs == 0; });
  }
}

TEST_CASE_METHOD(BoardNews, "H30: a node removed while its job is being claimed is parked, not run") {
  conductor();
  worker("w1");
  post_chain("job");
  until("the lock is made", [&] { return ensemble.find(kFirst + ".lock") != nullptr; });
  ensemble.remove(kFirst);
  until("it is parked", [&] { return c1().parked().size() == 1; });
  CHECK(on_board().empty());
  CHECK(c1().gauges().board_jobs == 0);
  loop.run_for(Millis{5'000});
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(BoardNews,
                 "our lock removed while the ended job is being removed: it is removed after all") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job");
  until("it runs", [&] { return w.holds("step-1"); });
  node.session->disconnect();  // what runs goes on, but its removal waits for the link
  w.release("step-1");
  until_ended("job");
  loop.run_for(Millis{10});
  ensemble.remove(kFirst + ".lock");
  node.session->reconnect();
  until("the board is empty", [&] { return on_board().empty(); });
  CHECK(script.calls == Names{"step-1"});
  CHECK(c1().counters().jobs_claimed == 2);
}

TEST_CASE_METHOD(BoardNews, "after a wipe another job at the recorded path does not make ours a duplicate") {
  conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job");
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.wipe();
  ensemble.create_sequential("/taskflow/jobs/job", R"({"uuid": "other", "name": "story", "details": {"flow":
    {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "x"}]}}})");
  REQUIRE(ensemble.find(kFirst));
  until("it is posted and held again", [&] {
    const auto held = c1().flow(JobId("job"));
    return held && held->board_path != kFirst;
  });
  CHECK(ensemble.children("/taskflow/.trash").empty());
  loop.run_for(Millis{1'000});
  w.release("step-1");
  until_ended("job");
  until_ended("other");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.count("step-1") == 1);
  until("the board is empty", [&] { return on_board().empty(); });
}

TEST_CASE_METHOD(BoardNews,
                 "after a wipe the uuid with other content at the recorded path stands for nothing") {
  conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job");
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.wipe();
  ensemble.create_sequential("/taskflow/jobs/job", R"({"uuid": "job", "name": "story", "details": {"flow":
    {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "x"}]}}})");
  ensemble.create_sequential("/taskflow/jobs/job", R"({"uuid": "job", "name": "story", "details":
    {"factory": {"name": "chain", "kwargs": {"length": 1}}}})");
  until("one is in the trash", [&] { return ensemble.children("/taskflow/.trash").size() == 1; });
  until("the other is held", [&] { return c1().flow(JobId("job")).has_value(); });
  loop.run_for(Millis{1'000});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(BoardNews, "a job that the store gives to a later claim is tried with pauses, and shown") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job");
  until("it runs", [&] { return w.holds("step-1"); });
  claim_later();
  w.release("step-1");
  loop.run_for(Millis{60'000});
  CHECK(node.conductor->counters().claims_refused == 7);
  const auto left = node.conductor->left_alone();
  REQUIRE(left.size() == 1);
  CHECK(left[0].reason ==
        "the store refuses the claim: it knows a later one, or an earlier run that has not ended");
  CHECK(left[0].tries == 7);
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(BoardNews, "two conductors do not undo each other's pauses of a job that none can have") {
  conductor("c1");
  conductor("c2");
  post_chain("job");
  until("it is held", [&] { return c1().flows().size() + conductor("c2").conductor->flows().size() == 1; });
  claim_later();
  worker("w1");  // the next commit learns it
  loop.run_for(Millis{60'000});
  for (const char* name : {"c1", "c2"}) {
    CHECK(conductor(name).conductor->counters().claims_refused > 5);
    CHECK(conductor(name).conductor->counters().claims_refused <= 8);
    CHECK(conductor(name).conductor->left_alone().size() == 1);
  }
}

TEST_CASE_METHOD(BoardNews,
                 "an unreadable node that cannot be moved while the board is away is moved later") {
  auto& node = conductor();
  node.store->set_away(true);  // so that the board is away, too, when the store has recorded it
  const auto path = ensemble.create_sequential("/taskflow/jobs/job", "{not json");
  loop.run_for(Millis{100});
  node.session->disconnect();
  node.store->set_away(false);
  until("it is recorded", [&] { return database->trashed_nodes().size() == 1; });
  loop.run_for(Millis{1'000});
  REQUIRE(ensemble.find(path));
  node.session->reconnect();
  until("it is moved", [&] { return ensemble.children("/taskflow/.trash").size() == 1; });
  CHECK(on_board().empty());
  CHECK(c1().left_alone().empty());
}

TEST_CASE_METHOD(BoardNews, "an unreadable node that the store does not record for long is shown") {
  auto& node = conductor();
  node.store->set_away(true);
  const auto path = ensemble.create_sequential("/taskflow/jobs/job", "{not json");
  until("it is shown", [&] { return c1().left_alone().size() == 1; });
  CHECK(c1().left_alone()[0].board_path == path);
  CHECK_THAT(c1().left_alone()[0].reason, Catch::StartsWith("an unreadable node that cannot be recorded: ") &&
                                              Catch::EndsWith("; it is tried again"));
  node.store->set_away(false);
  until("it is moved", [&] { return ensemble.children("/taskflow/.trash").size() == 1; });
  CHECK(database->trashed_nodes().size() == 1);
  CHECK(c1().left_alone().empty());
}

TEST_CASE_METHOD(BoardNews, "an unreadable node that somebody holds is shown, and moved when it is let go") {
  conductor();
  const std::string path = "/taskflow/jobs/job0000000001";  // behind its lock
  memory::MemorySession other(ensemble);                    // of another program
  until("it has a session", [&] { return other.number() != 0; });
  REQUIRE(ensemble.create(path + ".lock", "{}", other.number()));
  REQUIRE(ensemble.create_sequential("/taskflow/jobs/job", "{not json") == path);
  until("it is shown", [&] { return c1().left_alone().size() == 1; });
  CHECK(c1().left_alone()[0].board_path == path);
  CHECK_THAT(c1().left_alone()[0].reason,
             Catch::StartsWith("an unreadable node that cannot be moved to the board's .trash: "));
  loop.run_for(Millis{100'000});
  REQUIRE(ensemble.find(path));
  ensemble.remove(path + ".lock");
  until(
      "it is moved", [&] { return ensemble.children("/taskflow/.trash").size() == 1; }, Millis{61'000});
  until("it is shown no more", [&] { return c1().left_alone().empty(); });
}
