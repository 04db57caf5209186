#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

const std::string kFirst = "/taskflow/jobs/job0000000000";

/// Who notes that an ended job's node has left the board (PROTOCOL.md I22, H32).
struct RemovalNotes : Cluster {
  using Cluster::Cluster;
  void post_chain(const std::string& uuid) {
    post(uuid, R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  }
  bool noted(const std::string& uuid) {
    const auto job = database->jobs().find(JobId(uuid));
    return job != database->jobs().end() && job->second.removed_at;
  }
  void until_noted(const std::string& uuid, Millis limit = Millis{180'000}) {
    until(
        uuid + " is noted as gone", [&] { return noted(uuid); }, limit);
  }
  /// The job has ended and its node is gone; whose conductor it was has not said so.
  void ends_unnoted(const std::string& uuid) {
    post_chain(uuid);
    until_ended(uuid);
    until("the board is empty", [&] { return on_board().empty(); });
    REQUIRE_FALSE(noted(uuid));
  }
  /// As by who posts again without having heard; in a hand that does not let go of it. Its path.
  std::string stand_again(const std::string& posting) {
    const std::string again = "/taskflow/jobs/job0000000007";
    ensemble.create(again + ".lock", R"({"owner": "somebody"})");
    ensemble.create(again, posting);
    return again;
  }
};

/// Counts the ends that looks read, and may keep some from them.
struct SeenEnds : memory::FlowDatabase {
  Outcome<ports::UnnotedPage> unnoted_removals(const std::vector<std::string>& folders,
                                               const ports::EndMark& after,
                                               std::uint32_t limit) const override {
    auto page = FlowDatabase::unnoted_removals(folders, after, limit);
    if (!page.ok()) return page;
    std::erase_if(page->jobs, [this](const auto& job) { return job.job == hidden; });
    for (const auto& [uuid, job] : jobs())
      if (const auto& at = job.summary.finished_at)
        if (const ports::EndMark end{*at, job.number}; after < end && end <= page->last) ++read;
    return page;
  }

  mutable int read = 0;
  JobId hidden;  // its end's commit cannot be seen yet
};
struct SeenLooks : RemovalNotes {
  SeenLooks() : SeenLooks(std::make_shared<SeenEnds>()) {}
  explicit SeenLooks(const std::shared_ptr<SeenEnds>& its) : RemovalNotes(its), seen(*its) {}

  SeenEnds& seen;
};

}  // namespace

TEST_CASE_METHOD(RemovalNotes, "a removal is noted at once by who has made it") {
  conductor();
  worker("w1");
  post_chain("job");
  until_noted("job", Millis{5'000});
}

TEST_CASE_METHOD(RemovalNotes, "a removal that nobody could note while the store was away is noted later") {
  auto& node = conductor();
  worker("w1");
  node.store->refuse_removals(true);  // longer than it tries
  ends_unnoted("job");
  loop.run_for(Millis{120'000});
  CHECK_FALSE(noted("job"));
  node.store->refuse_removals(false);
  until_noted("job");
}

TEST_CASE_METHOD(RemovalNotes, "a removal whose conductor died at it is noted by another one") {
  conductor("c1").store->refuse_removals(true);
  worker("w1");
  ends_unnoted("job");
  kill("c1", true);
  conductor("c2");
  until_noted("job");
}

TEST_CASE_METHOD(RemovalNotes,
                 "one conductor of a fleet notes for the others, and another one when it ends") {
  conductor("c1").store->refuse_removals(true);
  conductor("c2").store->refuse_removals(true);
  worker("w1");
  ends_unnoted("job");
  for (const char* name : {"c1", "c2"}) conductor(name).store->refuse_removals(false);
  until_noted("job");
  for (const char* name : {"c1", "c2"}) conductor(name).store->refuse_removals(true);
  ends_unnoted("next");
  kill("c1", true);
  conductor("c2").store->refuse_removals(false);
  until_noted("next");
}

TEST_CASE_METHOD(RemovalNotes, "H32: a removal is not noted while the node stands, under whichever path") {
  auto& node = conductor();
  worker("w1");
  node.store->refuse_removals(true);
  post_chain("job");
  const auto posting = ensemble.find(kFirst)->data;
  until_ended("job");
  ends_unnoted("other");
  const auto again = stand_again(posting);
  loop.run_for(Millis{120'000});  // longer than who has removed a node tries
  node.store->refuse_removals(false);
  until_noted("other");
  loop.run_for(Millis{300'000});
  CHECK_FALSE(noted("job"));
  ensemble.remove(again + ".lock");
  until_noted("job");
}

TEST_CASE_METHOD(RemovalNotes,
                 "looks begin where all earlier ends are noted, and miss none of several pages") {
  bounds.removal_page = 3;
  auto& node = conductor();
  worker("w1");
  for (int i = 0; i < 10; ++i) post_chain("noted-" + std::to_string(i));
  for (int i = 0; i < 10; ++i) until_noted("noted-" + std::to_string(i));
  loop.run_for(Millis{200'000});
  node.store->refuse_removals(true);
  for (int i = 0; i < 10; ++i) ends_unnoted("job-" + std::to_string(i));
  node.store->refuse_removals(false);
  for (int i = 0; i < 10; ++i) until_noted("job-" + std::to_string(i), Millis{600'000});
}

TEST_CASE_METHOD(SeenLooks, "ends that have all been noted long ago are not read again") {
  conductor();
  worker("w1");
  for (int i = 0; i < 10; ++i) post_chain("old-" + std::to_string(i));
  for (int i = 0; i < 10; ++i) until_noted("old-" + std::to_string(i));
  loop.run_for(2 * bounds.removal_late);
  post_chain("young");
  until_noted("young");
  loop.run_for(2 * bounds.removal_round);
  seen.read = 0;
  loop.run_for(10 * bounds.removal_round);
  CHECK(seen.read > 0);
  CHECK(seen.read <= 10);  // the young one, once a look
}

TEST_CASE_METHOD(SeenLooks, "an end whose commit is seen behind later ends is noted, too") {
  auto& node = conductor();
  worker("w1");
  node.store->refuse_removals(true);
  seen.hidden = JobId("late");
  ends_unnoted("late");
  loop.run_for(bounds.removal_late / 2);
  node.store->refuse_removals(false);
  post_chain("next");
  until_noted("next");
  loop.run_for(5 * bounds.removal_round);
  REQUIRE_FALSE(noted("late"));
  seen.hidden = JobId("");
  until_noted("late");
}

TEST_CASE_METHOD(RemovalNotes,
                 "ended jobs that stand on the board again keep none of those behind them unnoted") {
  bounds.removal_page = 1;
  bounds.unnoted_kept_max = 1;
  auto& node = conductor();
  worker("w1");
  node.store->refuse_removals(true);
  post_chain("stands");
  const auto posting = ensemble.find(kFirst)->data;
  until_ended("stands");
  ends_unnoted("next");
  stand_again(posting);
  loop.run_for(Millis{120'000});  // longer than who has removed a node tries
  node.store->refuse_removals(false);
  until_noted("next");
  CHECK_FALSE(noted("stands"));
}
