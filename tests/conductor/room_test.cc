#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

/// Flows of ten atoms each, held at their first one, and a bound on the atoms that a conductor holds.
struct Room : Cluster {
  Room() {
    bounds.atoms_max = 25;
    script.held.insert("step-1");
  }
  void post_chains(int count, int length = 10) {
    for (int i = 0; i < count; ++i)
      post("job-" + std::to_string(i),
           R"({"factory": {"name": "chain", "kwargs": {"length": )" + std::to_string(length) + "}}}");
  }
  /// Watches while time passes.
  std::size_t most_atoms(const std::string& name, Millis time) {
    std::size_t most = 0;
    loop.run_until(
        [&] {
          most = std::max(most, conductor(name).conductor->gauges().atoms);
          return false;
        },
        time);
    return most;
  }
  void let_all_end(ScriptedWorker& w, int count) {
    script.held.clear();
    for (int i = 0; i < count; ++i) w.release("step-1");
    for (int i = 0; i < count; ++i) until_ended("job-" + std::to_string(i));
    CHECK(script.count("step-1") == static_cast<std::size_t>(count));
  }
};

}  // namespace

TEST_CASE_METHOD(Room, "claims under way at once do not overshoot the bound of atoms, the others follow") {
  auto& w = worker("w1", kAllTypes, 20);
  post_chains(5);
  auto& node = conductor();
  CHECK(most_atoms("c1", Millis{5'000}) == 20);
  CHECK(node.conductor->flows().size() == 2);
  const auto left = node.conductor->left_alone();
  REQUIRE(left.size() == 3);
  for (const auto& job : left)
    CHECK(job.reason ==
          "its 10 atoms do not fit beside the 20 that are held here (bound 25): it is claimed when there is "
          "room");
  CHECK(node.conductor->counters().jobs_claimed == 5);  // each was asked once, for its size
  let_all_end(w, 5);
  CHECK(node.conductor->left_alone().empty());
}

TEST_CASE_METHOD(Room, "loads under way at once after a take-over do not overshoot the bound of atoms") {
  auto& w = worker("w1", kAllTypes, 20);
  post_chains(5);
  bounds.atoms_max = 1'000;
  conductor("large");
  until("all run", [&] { return w.running() == 5; });
  bounds.atoms_max = 25;
  conductor("small");
  kill("large", true);
  CHECK(most_atoms("small", Millis{5'000}) == 20);
  CHECK(conductor("small").conductor->flows().size() == 2);
  let_all_end(w, 5);
}

TEST_CASE_METHOD(Room, "a flow larger than the bound is held alone, and comes to its turn") {
  auto& w = worker("w1", kAllTypes, 20);
  post_chains(3, 40);
  conductor();
  CHECK(most_atoms("c1", Millis{5'000}) == 40);
  CHECK(conductor().conductor->flows().size() == 1);
  let_all_end(w, 3);
}

TEST_CASE_METHOD(Room, "a large flow comes to its turn though small ones come again and again") {
  auto& w = worker("w1", kAllTypes, 20);
  post_chains(2);
  auto& node = conductor();
  until("they run", [&] { return w.running() == 2; });
  post("large", R"({"factory": {"name": "chain", "kwargs": {"length": 20}}})");
  until("it waits", [&] { return node.conductor->left_alone().size() == 1; });
  std::set<std::string> paused;
  const auto large_runs = [&] { return node.conductor->flow(JobId("large")).has_value(); };
  int small = 2;
  for (; !large_runs() && small < 60; ++small) {
    post("job-" + std::to_string(small), R"({"factory": {"name": "chain", "kwargs": {"length": 10}}})");
    if (w.running() > 0) w.release("step-1");
    loop.run_for(Millis{5'000});
    paused.insert(node.conductor->gauges().claiming_paused);
  }
  CHECK(large_runs());
  CHECK(small > 2 + 60 / 5 - 2);
  CHECK(paused.contains("room is kept for job 'large' (20 atoms), which has waited long for it"));
  script.held.clear();
  for (int i = 0; i <= small; ++i) w.release("step-1");
  for (int i = 0; i < small; ++i) until_ended("job-" + std::to_string(i));
  until_ended("large");
  CHECK(script.count("step-1") == static_cast<std::size_t>(small) + 1);
}

TEST_CASE_METHOD(Room, "where what is held does not end, small flows are claimed at least half of the time") {
  auto& w = worker("w1", kAllTypes, 20);
  post_chains(1);
  auto& node = conductor();
  until("it runs", [&] { return w.running() == 1; });
  post("large", R"({"factory": {"name": "chain", "kwargs": {"length": 20}}})");
  until("it waits", [&] { return node.conductor->left_alone().size() == 1; });
  const int all = 180;  // half an hour
  int at_once = 0;
  bool kept = false;
  const auto small = [](int i) { return "small-" + std::to_string(i); };
  for (int i = 0; i < all; ++i) {
    post(small(i), R"({"flow": {"name": "small", "pattern": "linear", "nodes": [
        {"task": "step", "name": "quick"}]}})");
    loop.run_for(Millis{10'000});
    if (ended(small(i))) ++at_once;
    kept = kept || !node.conductor->gauges().claiming_paused.empty();
  }
  CHECK(at_once >= all / 2);
  CHECK(kept);
  CHECK(w.holds("step-1"));
  script.held.clear();
  w.release("step-1");
  for (int i = 0; i < all; ++i) until_ended(small(i));
  for (const char* job : {"job-0", "large"}) until_ended(job);
  CHECK(script.count("quick") == static_cast<std::size_t>(all));
}
