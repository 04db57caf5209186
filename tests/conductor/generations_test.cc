#include <algorithm>

#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

constexpr std::uint32_t generation_in(Dispatch dispatch) {
  return static_cast<std::uint32_t>(dispatch >> 32);
}

/// What becomes of jobs when the board, or the database, is not what it was (PROTOCOL.md I1, H12, H13, H17).
struct Generations : Cluster {
  void post_chain(const std::string& uuid, int length = 1) {
    post(uuid, R"({"factory": {"name": "chain", "kwargs": {"length": )" + std::to_string(length) + "}}}");
  }
  Counters counters(const std::string& name = "c1") { return conductor(name).conductor->counters(); }
  std::uint32_t generation(const std::string& uuid) { return show(uuid).summary.epoch.generation; }
  Dispatch last_dispatch(const std::string& uuid) {
    Dispatch last = 0;
    for (const auto& atom : show(uuid).atoms) last = std::max(last, atom.record.dispatch);
    return last;
  }
  void until_board_empty() {
    until("the board is empty", [&] { return on_board().empty(); });
  }
  void until_swept(std::uint64_t sweeps, const Names& who = {"c1"}) {
    until("the board is swept", [&] {
      std::uint64_t done = 0;
      for (const auto& name : who) done += counters(name).sweeps;
      return done >= sweeps;
    });
  }
  void until_holds(ScriptedWorker& w, const std::string& atom) {
    until("it runs", [&] { return w.holds(atom); });
  }
  /// A board that has given out many numbers: a later backup of it is far behind.
  void count_up() {
    for (int i = 0; i < 1'000; ++i) ensemble.remove(ensemble.create_sequential("/elsewhere/n", {}));
  }
  /// As by a failover: the conductors' connections find it out each by itself.
  void become_another(const Names& who = {"c1"}) {
    database->become_another();
    for (const auto& name : who) conductor(name).store->become_another("another system id or timeline");
  }
};

}  // namespace

TEST_CASE_METHOD(Generations, "H12: a job half done goes on by itself after the board was wiped") {
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1");
  script.held = {"step-2"};
  post_chain("job", 3);
  until_holds(w, "step-2");
  CHECK(generation("job") == 1);
  until_swept(1, {"c1", "c2"});
  ensemble.wipe();
  until("it is held again", [&] {
    return generation("job") == 2 && counters("c1").jobs_reposted + counters("c2").jobs_reposted == 1;
  });
  until_swept(2, {"c1", "c2"});
  loop.run_for(Millis{2'000});
  w.release("step-2");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2", "step-3"});
  CHECK(generation_in(last_dispatch("job")) == 2);
  CHECK(counters("c1").jobs_reposted + counters("c2").jobs_reposted == 1);
  CHECK(counters("c1").sweeps + counters("c2").sweeps == 2);
  until_board_empty();
}

TEST_CASE_METHOD(Generations, "H12: a sweep posts what has not ended, and leaves what is on the board") {
  conductor();
  auto& w = worker("w1");
  post_chain("ended");
  until_ended("ended");
  until_board_empty();
  script.held = {"step-1"};
  post_chain("lost");
  post_chain("posted");
  until("both run", [&] { return w.running() == 2; });
  const auto posted = ensemble.find("/taskflow/jobs/" + on_board().at(2))->data;
  REQUIRE(posted.find("\"posted\"") != std::string::npos);
  ports::ClaimRequest elsewhere;
  elsewhere.posting =
      Posting::make(JobId("elsewhere"), "story", Priority::Normal, Value(), std::nullopt, 1).value();
  elsewhere.new_flow = FlowId(entropy.uuid());
  elsewhere.board_path = "/taskflow/other/jobs/job0000000000";
  elsewhere.board_id = "other board";
  REQUIRE(database->claim(elsewhere, loop.wall()).ok());

  ensemble.wipe();
  ensemble.create_sequential("/taskflow/jobs/job", posted);  // by a program that has noticed it, too
  until("both are claimed again", [&] { return w.running() == 2 && counters().jobs_claimed == 5; });
  until_swept(2);
  CHECK(counters().jobs_reposted == 1);
  CHECK(on_board().size() == 4);  // two jobs and their locks
  loop.run_for(Millis{2'000});
  w.release("step-1");
  w.release("step-1");
  until_ended("lost");
  until_ended("posted");
  until_board_empty();
  CHECK(script.count("step-1") == 3);
  CHECK(state("elsewhere") == FlowState::Pending);
}

TEST_CASE_METHOD(Generations,
                 "H12: a sweeper that dies is followed by another, nothing is missed or run twice") {
  bounds.sweep_page = 2;
  bounds.flows_max = 1;
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1", kAllTypes, 40);
  w.session();
  for (int i = 0; i < 40; ++i) {
    ports::ClaimRequest claim;  // by a conductor that is no more
    claim.posting =
        Posting::make(JobId("job-" + std::to_string(i)), "story", Priority::Normal,
                      Value::parse(R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})").value(),
                      std::nullopt, 1)
            .value();
    claim.new_flow = FlowId(entropy.uuid());
    claim.board_path = "/taskflow/jobs/job" + std::to_string(i);
    claim.board_id = ensemble.id_at("/taskflow/.baton/board-id");
    claim.lock_czxid = 10;
    claim.conductor = Incarnation(entropy.uuid());
    REQUIRE(database->claim(claim, loop.wall())->verdict == ports::ClaimVerdict::Owned);
  }
  until_swept(1, {"c1", "c2"});
  ensemble.wipe();
  until("somebody is at it",
        [&] { return counters("c1").jobs_reposted + counters("c2").jobs_reposted >= 6; });
  kill(counters("c1").jobs_reposted > 0 ? "c1" : "c2", true);
  for (int i = 0; i < 40; ++i) until_ended("job-" + std::to_string(i));
  until_board_empty();
  CHECK(script.count("step-1") == 40);
}

TEST_CASE_METHOD(Generations, "H13: a board restored from a backup is given another id, its jobs go on") {
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1");
  script.held = {"step-2"};
  post_chain("before", 2);
  until_holds(w, "step-2");
  until_swept(1, {"c1", "c2"});
  const auto backup = ensemble.backup();
  const auto id = ensemble.id_at("/taskflow/.baton/board-id");
  w.release("step-2");
  until_ended("before");
  count_up();
  post_chain("behind", 2);
  until_holds(w, "step-2");
  const auto epoch = show("behind").summary.epoch;

  ensemble.restore(backup);
  until("the board has another id", [&] { return ensemble.id_at("/taskflow/.baton/board-id") != id; });
  until("it is held again", [&] { return show("behind").summary.epoch > epoch; });
  CHECK(show("behind").summary.epoch.generation == 2);
  CHECK(show("behind").summary.epoch.lock_czxid < epoch.lock_czxid);
  loop.run_for(Millis{2'000});
  w.release("step-2");
  until_ended("behind");
  until_board_empty();  // also of the one that had ended
  CHECK(state("behind") == FlowState::Success);
  CHECK(script.count("step-1") == 2);
  CHECK(script.count("step-2") == 2);
  CHECK(counters("c1").boards_restored + counters("c2").boards_restored >= 1);
  CHECK(counters("c1").claims_refused + counters("c2").claims_refused == 0);
}

TEST_CASE_METHOD(Generations,
                 "H13: a restored board is known by its identity, too, when its numbers have caught up") {
  conductor();
  auto& w = worker("w1");
  until_swept(1);
  const auto backup = ensemble.backup();
  script.held = {"step-1"};
  post_chain("behind");
  until_holds(w, "step-1");
  loop.run_for(bounds.board_mark + Millis{1'000});
  ensemble.restore(backup);
  count_up();  // other clients were faster than the conductor
  until("it is held again", [&] { return generation("behind") == 2; });
  CHECK(counters().boards_restored == 1);
  CHECK(counters().jobs_reposted == 1);
  loop.run_for(Millis{2'000});
  w.release("step-1");
  until_ended("behind");
  until_board_empty();
  CHECK(script.count("step-1") == 1);
}

TEST_CASE_METHOD(Generations, "H13: a session that ends and begins anew is no restored board") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held = {"step-1"};
  post_chain("job");
  until_holds(w, "step-1");
  const auto id = ensemble.id_at("/taskflow/.baton/board-id");
  for (int i = 0; i < 5; ++i) {
    i % 2 ? node.session->expire() : node.session->disconnect();
    loop.run_for(Millis{100});
    node.session->reconnect();
    until("it is held", [&] { return node.conductor->flow(JobId("job")).has_value(); });
    until("nothing is in the way of claims",
          [&] { return node.conductor->gauges().claiming_paused.empty(); });
  }
  CHECK(ensemble.id_at("/taskflow/.baton/board-id") == id);
  CHECK(counters().boards_restored == 0);
  CHECK(generation("job") == 1);
  CHECK(counters().jobs_reposted == 0);
  CHECK(counters().sweeps == 1);
}

TEST_CASE_METHOD(Generations, "I1: nothing is claimed before the store has said the board's generation") {
  auto& node = conductor();
  until_swept(1);
  node.store->set_away(true);
  ensemble.wipe();
  loop.run_for(Millis{100});  // everybody has a new session
  post_chain("job");
  loop.run_for(Millis{3'000});
  CHECK(ensemble.find("/taskflow/jobs/job0000000000.lock") == nullptr);
  CHECK(node.conductor->gauges().claiming_paused == "the board's generation is not known yet");
  node.store->set_away(false);
  worker("w1");
  until_ended("job");
  CHECK(generation("job") == 2);
}

TEST_CASE_METHOD(Generations,
                 "H17: what another database has forgotten is done again, under new dispatch numbers") {
  auto& node = conductor();
  auto& w = worker("w1");
  post_chain("final forgotten");
  script.held = {"step-2"};
  post_chain("at work", 2);
  until_holds(w, "step-2");
  until_swept(1);
  script.held = {"step-1", "step-2"};
  const auto forgetful = *database;
  const auto before = last_dispatch("at work");
  post_chain("claim forgotten");
  until("it runs, too", [&] { return w.running() == 2; });
  const auto forgotten = show("claim forgotten").summary.flow;
  *database = forgetful;
  become_another();
  until("it is claimed afresh", [&] { return generation("at work") == 2; });
  until_swept(2);
  loop.run_for(Millis{2'000});
  script.held.clear();
  w.release("step-2");
  while (w.holds("step-1")) w.release("step-1");  // of the flow that was forgotten, and of the new one
  for (const char* job : {"final forgotten", "at work", "claim forgotten"}) until_ended(job);
  until_board_empty();
  CHECK(generation_in(last_dispatch("claim forgotten")) == 2);
  CHECK(show("claim forgotten").summary.flow == forgotten);  // keys and tokens are those of what ran before
  CHECK(last_dispatch("at work") >= before);
  CHECK(node.conductor->counters().boards_restored == 0);
}

TEST_CASE_METHOD(Generations,
                 "H17: a job whose end was forgotten when its node had left the board is posted again") {
  conductor();
  auto& w = worker("w1");
  script.held = {"step-1"};
  post_chain("job");
  until_holds(w, "step-1");
  until_swept(1);
  const auto forgetful = *database;
  script.held.clear();
  w.release("step-1");
  until_ended("job");
  until_board_empty();
  *database = forgetful;
  become_another();
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  until_board_empty();
  CHECK(counters().jobs_reposted == 1);
  CHECK(generation("job") == 2);
}

TEST_CASE_METHOD(Generations, "H17: a generation that the database has forgotten is not given out again") {
  conductor();
  auto& w = worker("w1");
  script.held = {"step-1"};
  post_chain("job");
  until_holds(w, "step-1");
  until_swept(1);
  const auto forgetful = *database;
  ensemble.wipe();
  until_swept(2);
  until("it is held again", [&] { return generation("job") == 2; });
  *database = forgetful;  // of generation 1
  become_another();
  until("it is claimed afresh", [&] { return generation("job") > 1 && counters().sweeps == 3; });
  CHECK(generation("job") == 3);
  loop.run_for(Millis{2'000});
  w.release("step-1");
  until_ended("job");
  CHECK(script.count("step-1") == 1);
}

TEST_CASE_METHOD(Generations, "H17: every conductor claims afresh, whichever of them hears it first") {
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1", kAllTypes, 30);
  script.held = {"step-1"};
  for (int i = 0; i < 10; ++i) post_chain("job-" + std::to_string(i));
  until("all run", [&] { return w.running() == 10; });
  database->become_another();
  conductor("c1").store->become_another("another timeline");
  loop.run_for(Millis{5'000});
  conductor("c2").store->become_another("another timeline");
  const auto all_new = [&] {
    for (int i = 0; i < 10; ++i)
      if (generation("job-" + std::to_string(i)) != 2) return false;
    return true;
  };
  loop.run_for(Millis{10'000});
  CHECK(all_new());
  for (int i = 0; i < 10; ++i) w.release("step-1");
  for (int i = 0; i < 10; ++i) until_ended("job-" + std::to_string(i));
  CHECK(script.count("step-1") == 10);
  until_board_empty();
}

TEST_CASE_METHOD(Generations,
                 "H30: a job that has not ended and is not on the board is shown, and not posted again") {
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1");
  script.held = {"step-1"};
  post_chain("removed");
  post_chain("at work");
  until("both run", [&] { return w.running() == 2; });
  until_swept(1, {"c1", "c2"});
  Names removed;
  for (const auto& name : on_board())
    if (const auto* node = ensemble.find("/taskflow/jobs/" + name);
        node->data.find("\"removed\"") != std::string::npos)
      removed.push_back("/taskflow/jobs/" + name);
  REQUIRE(removed.size() == 1);
  const auto posting = ensemble.find(removed[0])->data;
  // Whoever holds it is gone, too: nobody was there to see its node go.
  const std::string holder = conductor("c1").conductor->flow(JobId("removed")) ? "c1" : "c2";
  const std::string other = holder == "c1" ? "c2" : "c1";
  kill(holder, true);
  ensemble.remove(removed[0]);
  const auto shown = [&] {
    Names jobs;
    for (const auto& job : conductor(other).conductor->parked()) jobs.push_back(job.job.value);
    return jobs;
  };
  until(
      "it is shown", [&] { return shown() == Names{"removed"}; }, Millis{200'000});
  CHECK(conductor(other).conductor->gauges().parked == 1);
  CHECK(counters(other).jobs_reposted == 0);
  ensemble.create_sequential("/taskflow/jobs/job", posting);
  until(
      "it is shown no more", [&] { return shown().empty(); }, Millis{200'000});
  CHECK(conductor(other).conductor->flow(JobId("removed")).has_value());
}
