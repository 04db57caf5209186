#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

/// Two jobs of one task each, held at whatever worker there is.
struct PoisonTask : Cluster {
  PoisonTask() {
    script.held.insert("step-1");
    conductor("a");
    for (const std::string job : {"poison", "innocent"})
      post(job, R"({"flow": {"name": "one", "pattern": "linear", "nodes": [
          {"task": "step", "name": "step-1", "max_deliveries": 3}]}})");
  }
  ScriptedWorker& both_run_at(const std::string& name) {
    auto& w = worker(name);
    until("both run at " + name, [&] { return w.running() == 2; });
    return w;
  }
  std::string task_of(const std::string& job) {
    return ports::task_name(show(job).summary.flow.value(), "step-1");
  }
  ports::DeathNote at_work(std::set<std::string> tasks, const std::string& crash = {}) {
    return {"", ports::LastTasks{std::move(tasks), crash}};
  }
  std::uint32_t deliveries(const std::string& job) {
    return show(job).atoms.front().record.delivery->deliveries;
  }
};

}  // namespace

TEST_CASE_METHOD(PoisonTask,
                 "H22: a task that ends each of its workers fails, what ran beside it is not charged") {
  for (const std::string name : {"w1", "w2", "w3"})
    both_run_at(name).vanish(true, at_work({task_of("poison")}, "SIGSEGV"));
  auto& last = worker("w4");
  until_ended("poison");
  until("the innocent runs at w4", [&] { return last.holds("step-1"); });
  CHECK(deliveries("innocent") == 1);
  last.release("step-1");
  until_ended("innocent");
  CHECK(state("innocent") == FlowState::Success);
  CHECK(state("poison") == FlowState::Reverted);
  const auto failure = show("poison").atoms.front().record.failure;
  REQUIRE(failure);
  CHECK(failure->type == "WorkerLost");
  CHECK(failure->message ==
        "worker 'w3' was lost (worker died: this task ended it, SIGSEGV), the last of 3 deliveries");
}

TEST_CASE_METHOD(PoisonTask,
                 "H22: of a worker that was killed from outside all that ran is charged, else nothing") {
  both_run_at("w1").vanish(true, at_work({task_of("poison"), task_of("innocent")}));
  auto& w2 = both_run_at("w2");
  CHECK(deliveries("poison") == 2);
  CHECK(deliveries("innocent") == 2);
  w2.vanish(true, at_work({task_of("poison")}));  // the other had not begun
  both_run_at("w3");
  CHECK(deliveries("poison") == 3);
  CHECK(deliveries("innocent") == 2);
}

TEST_CASE_METHOD(PoisonTask, "H22: a death that no task explains is charged to all that was there") {
  both_run_at("w1").vanish(true, at_work({}));  // none had begun: it may have died over receiving one
  auto& w2 = both_run_at("w2");
  CHECK(deliveries("poison") == 2);
  CHECK(deliveries("innocent") == 2);
  w2.vanish(true);  // nothing is known
  both_run_at("w3");
  CHECK(deliveries("poison") == 3);
  CHECK(deliveries("innocent") == 3);
}

TEST_CASE_METHOD(PoisonTask, "H22: who takes a flow over charges the same") {
  auto& w1 = both_run_at("w1");
  kill("a", true);
  w1.vanish(true, at_work({task_of("poison")}, "SIGABRT"));
  conductor("b");
  both_run_at("w2");
  CHECK(deliveries("poison") == 2);
  CHECK(deliveries("innocent") == 1);
}
