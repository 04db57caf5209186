#include <algorithm>

#include "tests/conductor/cluster.h"
#include "tests/simulation/cloud.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// What tasks do outside, at a vendor that checks tokens; and workers that come late.
struct Outside : Cluster {
  Outside() {
    conductor();
    script.acts = [this](const wire::Request& request) { return act(request); };
  }

  /// An execution creates something, a revert takes it away, and shows its token also if there is nothing.
  std::optional<worker::TaskOutcome> act(const wire::Request& request) {
    const wire::DeliveryId& delivery = request.delivery;
    const simulation::Cloud::Key key{delivery.flow, delivery.atom, delivery.attempt};
    if (delivery.intention == Intention::Revert) {
      cloud.remove(key, delivery.dispatch, loop.steady());
      return std::nullopt;
    }
    executed.push_back(delivery.key());
    if (script.failures.contains(delivery.atom)) return std::nullopt;  // before it called anybody
    if (!cloud.create(key, delivery.dispatch, loop.steady()))
      return Failure::make("StaleToken", "a later one was here");
    if (interrupted.contains(delivery.atom)) return Failure::make("Interrupted", "when it had been made");
    return std::nullopt;
  }
  void post_flow(const std::string& nodes) {
    post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [)" + nodes + "]}}");
  }
  /// The first delivery of an atom hangs at w1, which is lost to all but itself; the second one goes to w2.
  ScriptedWorker& lost_while_it_runs(const std::string& atom) {
    script.held.insert(atom);
    auto& w1 = worker("w1");
    until(atom + " runs at w1", [&] { return w1.holds(atom); });
    script.held.erase(atom);
    worker("w2");
    w1.session().disconnect();
    return w1;
  }
  void then_it_wakes(ScriptedWorker& w1, const std::string& atom) {
    until_ended("job");
    CHECK(state("job") == FlowState::Reverted);
    CHECK(cloud.things().empty());
    REQUIRE(w1.holds(atom));
    w1.release(atom);
    CHECK(cloud.ledger().back().creates);
    CHECK(cloud.ledger().back().stale);
    CHECK(cloud.things().empty());
  }

  simulation::Cloud cloud;
  std::set<std::string> interrupted;  // make something, and fail
  std::vector<RequestKey> executed;
};

/// A flow of one task "a<n>" that is abandoned if it hangs, and then tried once more.
std::string hangs(const std::string& n) {
  return R"({"flow": {"name": "f)" + n + R"(", "pattern": "linear", "retry": {"name": "r)" + n +
         R"(", "policy": "times", "attempts": 2}, "nodes": [{"task": "step", "name": "a)" + n +
         R"(", "timeouts": {"start_to_close_ms": 1000, "abandon_after_ms": 2000}}]}})";
}

constexpr const char* kOne = R"({"task": "step", "name": "a"})";

}  // namespace

TEST_CASE_METHOD(Outside,
                 "H3: an older delivery of the same attempt makes nothing after the newer was undone") {
  post_flow(std::string(kOne) + R"(, {"task": "step", "name": "b"})");
  script.failures["b"] = Failure::make("Refused", "no quota");
  auto& w1 = lost_while_it_runs("a");
  then_it_wakes(w1, "a");
  REQUIRE(executed.size() == 3);  // a at w2, b, a at w1
  CHECK(executed.front() == executed.back());
}

TEST_CASE_METHOD(Outside, "H4: a revert that finds nothing leaves its trace: what comes later is refused") {
  post_flow(kOne);
  auto& w1 = lost_while_it_runs("a");
  script.failures["a"] = Failure::make("Refused", "before it called anybody");
  until("it has failed elsewhere", [&] { return script.count("revert a") == 1; });
  until_ended("job");
  REQUIRE(cloud.ledger().size() == 1);
  CHECK_FALSE(cloud.ledger().front().changed);
  script.failures.clear();
  then_it_wakes(w1, "a");
}

TEST_CASE_METHOD(Outside, "H5: a lost worker's failure is not taken while another one runs its task") {
  post_flow(kOne);
  script.held.insert("a");
  script.failures["a"] = Failure::make("NetworkUnreachable", "cut off");
  auto& w1 = worker("w1");
  until("it runs at w1", [&] { return w1.holds("a"); });
  script.failures.clear();
  auto& w2 = worker("w2");
  w1.session().disconnect();
  until("it runs at w2", [&] { return w2.holds("a"); });
  script.failures["a"] = Failure::make("NetworkUnreachable", "cut off");
  w1.release("a");
  script.failures.clear();
  loop.run_for(Millis{1'000});
  CHECK_FALSE(ended("job"));
  CHECK(script.count("revert a") == 0);
  w2.release("a");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(cloud.things().size() == 1);
}

TEST_CASE_METHOD(Outside,
                 "H6: a task that goes on after its time is awaited, then undone with what it made") {
  post_flow(R"({"task": "step", "name": "a", "timeouts": {"start_to_close_ms": 1000}})");
  script.held.insert("a");
  auto& w1 = worker("w1");
  interrupted.insert("a");
  until("it runs", [&] { return w1.holds("a"); });
  worker("w2");
  loop.run_for(Millis{60'000});
  CHECK(script.calls == Names{"a"});
  CHECK(show("job").atoms.at(0).record.state == AtomState::Running);
  w1.release("a");
  until_ended("job");
  CHECK(show("job").atoms.at(0).record.failure->type == "TimedOut");
  CHECK(script.calls == Names{"a", "revert a"});
  CHECK(state("job") == FlowState::Reverted);
  CHECK(cloud.things().empty());
}

TEST_CASE_METHOD(Outside,
                 "H6: a task that never ends is abandoned, which is on record, and makes nothing any more") {
  post_flow(
      R"({"task": "step", "name": "a", "timeouts": {"start_to_close_ms": 1000, "abandon_after_ms": 2000}})");
  script.held.insert("a");
  auto& w1 = worker("w1");
  until("it runs", [&] { return w1.holds("a"); });
  worker("w2");
  loop.run_for(Millis{10'000});
  REQUIRE(show("job").atoms.at(0).record.failure);
  CHECK(show("job").atoms.at(0).record.failure->message ==
        "'a' timed out: it did not end within its start_to_close (abandoned: its worker did not say that it "
        "has ended)");
  then_it_wakes(w1, "a");
}

TEST_CASE_METHOD(Cluster, "H6: nor is the next attempt placed behind what was abandoned before its revert") {
  conductor();
  std::string nodes;
  for (const std::string n : {"1", "2", "3", "4", "5", "6", "7", "8"}) {
    script.held.insert("a" + n);
    nodes += (nodes.empty() ? "" : ", ") + hangs(n);
  }
  post("job", R"({"flow": {"name": "side by side", "pattern": "unordered", "nodes": [)" + nodes + "]}}");
  auto& w1 = worker("w1", kAllTypes, 8);
  until("all run at w1", [&] { return w1.running() == 8; });
  auto& w2 = worker("w2", kAllTypes, 8);
  until(
      "all run at w2", [&] { return w2.running() == 8; }, Millis{10'000});
  CHECK(w1.running() == 8);
}

namespace {

/// Two workers with room for one task each, and what is asked of them while both run one that hangs.
struct FullFleet : Cluster {
  FullFleet() {
    bounds.prefetch = 0;
    conductor();
    script.held = {"a", "other"};
    post("job", flow(R"({"task": "step", "name": "a",
      "timeouts": {"start_to_close_ms": 1000, "abandon_after_ms": 2000}})"));
    until("it runs at w1", [&] { return w1.holds("a"); });
    post("long", flow(R"({"task": "step", "name": "other"})"));
    until("the other runs at w2", [&] { return worker_2().holds("other"); });
  }
  static std::string flow(const std::string& node) {
    return R"({"flow": {"name": "f", "pattern": "linear", "nodes": [)" + node + "]}}";
  }
  ScriptedWorker& worker_2() {
    if (!w2) w2 = &worker("w2", kAllTypes, 1);
    return *w2;
  }
  std::uint64_t handed_back() { return conductor().conductor->counters().handed_back; }

  ScriptedWorker& w1 = worker("w1", kAllTypes, 1);
  ScriptedWorker* w2 = nullptr;
};

}  // namespace

TEST_CASE_METHOD(FullFleet,
                 "H6: in a full fleet a revert gets away from an abandoned execution once another worker has "
                 "room") {
  until("it is abandoned, and its revert asked for at w1",
        [&] { return show("job").atoms.at(0).record.state == AtomState::Reverting; });
  CHECK(handed_back() == 0);
  loop.run_for(Millis{10'000});
  CHECK(handed_back() >= 3);  // after 1, 2, 4 s more: it may be placed elsewhere soon, and nobody spins
  CHECK(handed_back() <= 4);
  CHECK(script.count("revert a") == 0);
  worker_2().release("other");
  until_ended("job", Millis{9'000});
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls == Names{"a", "other", "revert a"});
  CHECK(w1.holds("a"));
}

TEST_CASE_METHOD(Cluster, "H6: a new owner's reverts and next attempts get away from abandoned executions") {
  script.takes = bounds.busy_pause * 2;  // when the reverts have ended w1 may be asked again
  conductor("c1");
  std::string nodes;
  for (const std::string n : {"1", "2", "3", "4", "5", "6", "7", "8"}) {
    script.held.insert("a" + n);
    nodes += (nodes.empty() ? "" : ", ") + hangs(n);
  }
  post("job", R"({"flow": {"name": "side by side", "pattern": "unordered", "nodes": [)" + nodes + "]}}");
  auto& w1 = worker("w1", kAllTypes, 8);
  until("all run at w1", [&] { return w1.running() == 8; });
  until("all are abandoned", [&] {
    const auto atoms = show("job").atoms;
    return std::count_if(atoms.begin(), atoms.end(),
                         [](const auto& atom) { return atom.record.state == AtomState::Reverting; }) == 8;
  });
  kill("c1", true);
  conductor("c2");
  until("c2 has it", [&] { return conductor("c2").conductor->flow(JobId("job")).has_value(); });
  auto& w2 = worker("w2", kAllTypes, 8);
  until(
      "all were undone and run again", [&] { return script.calls.size() == 24; }, Millis{10'000});
  CHECK(w1.running() == 8);
  CHECK(w2.running() == 8);
  CHECK(conductor("c2").conductor->counters().handed_back == 8);  // told once whom each is to avoid
}

TEST_CASE_METHOD(Outside, "H7: attempts do not come back, whichever retry begins anew, nor in a later run") {
  const std::string flow = R"({"flow": {"name": "outer", "pattern": "linear",
      "retry": {"name": "again", "policy": "times", "attempts": 2}, "nodes": [{"flow": {"name": "inner",
      "pattern": "linear", "retry": {"name": "once", "policy": "times", "attempts": 3},
      "nodes": [{"task": "step", "name": "a"}]}}]}})";
  interrupted.insert("a");
  worker("w1");
  post("job", flow);
  until_ended("job");
  CHECK(executed.size() == 6);
  until("it is gone from the board", [&] { return on_board().empty(); });
  post("job", flow, Priority::Normal, 2);
  until("it has run again", [&] { return database->summaries({JobId("job")}).value().at(0).run == 2; });
  until_ended("job");
  REQUIRE(executed.size() == 9);  // the outer retry was not reverted itself: it counts on (semantics.md 42)
  for (std::size_t i = 0; i < executed.size(); ++i) CHECK(executed[i].attempt == i + 1);
  CHECK(cloud.things().empty());
}
