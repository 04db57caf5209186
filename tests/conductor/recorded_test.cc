#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// The word `recorded` can be lost on its way to the workers (PROTOCOL.md I16).
struct Unheard : Cluster {
  Unheard() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view bytes) {
      const auto message = wire::decode(bytes);
      const bool said = message.ok() && std::holds_alternative<wire::Recorded>(message->body);
      if (said) ++words;
      return memory::MemoryBroker::Fate{said && words <= lost ? 0u : 1u, Millis{0}};
    });
  }
  void post_chain(int length) {
    post("job", R"({"factory": {"name": "chain", "kwargs": {"length": )" + std::to_string(length) + "}}}");
  }
  int words = 0, lost = 0;
};

}  // namespace

TEST_CASE_METHOD(Unheard, "an answer that is repeated after it was recorded is told so again") {
  conductor();
  auto& w = worker("w1");
  lost = 2;
  script.held.insert("step-2");  // the flow goes on meanwhile
  post_chain(2);
  until("step-1 is recorded, and the word is lost", [&] { return words == 1; });
  CHECK(w.unrecorded() == 1);
  until("the word came when the answer was repeated", [&] { return w.unrecorded() == 0; });
  CHECK(words == 3);
  w.release("step-2");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(history("job") ==
        Names{"RUNNING", "step-1 RUNNING", "step-1 SUCCESS", "step-2 RUNNING", "step-2 SUCCESS", "SUCCESS"});
}

TEST_CASE_METHOD(Unheard, "an answer that is repeated after its flow has ended is told so again") {
  conductor();
  auto& w = worker("w1");
  lost = 2;
  post_chain(1);
  until_ended("job");
  until("the job is gone from the board", [&] { return on_board().empty(); });
  CHECK(w.unrecorded() == 1);
  until("the word came when the answer was repeated", [&] { return w.unrecorded() == 0; });
  CHECK(words == 3);
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Unheard, "an answer whose conductor died before it could say so is recorded, says another") {
  conductor("c1");
  auto& w = worker("w1");
  lost = 1;
  post_chain(1);
  until_ended("job");
  until("the job is gone from the board", [&] { return on_board().empty(); });
  loop.run_for(Millis{100});
  kill("c1", true);
  CHECK(w.unrecorded() == 1);
  conductor("c2");
  until("another has said so", [&] { return w.unrecorded() == 0; });
}

TEST_CASE_METHOD(Unheard, "of an answer that its flow's next owner still wants nothing is said before") {
  conductor("c1");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain(1);
  until("it runs", [&] { return w.holds("step-1"); });
  conductor("c2").store->set_away(true);  // it cannot have the flow
  conductor("c3").store->set_away(true);
  kill("c1", true);
  script.held.clear();
  w.release("step-1");
  conductor("c3").store->set_away(false);
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1"});
  until("it is recorded", [&] { return w.unrecorded() == 0; });
}

namespace {

/// Flow "job" has ended once at c1, reverted, and is posted again as run 2; `late` hears nobody but c1.
struct SecondRun : Cluster {
  SecondRun() {
    conductor("c1");
    script.failures["step-2"] = Failure::make("Refused", "no quota");
    post_run(1);
    until_ended("job");
    CHECK(state("job") == FlowState::Reverted);
    until("the job is gone from the board", [&] { return on_board().empty(); });
    script.failures.clear();
    script.calls.clear();
    script.held.insert("step-1");
  }
  void post_run(std::uint32_t run) {
    post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})", Priority::Normal, run);
  }
  void run_two_at_c1() {
    post_run(2);
    until("step-1 runs again", [&] { return w.holds("step-1"); });
    loop.run_for(Millis{100});
  }
  /// c1 is cut off from the store for so long that it frees its claim; it still hears its workers.
  void c1_frees_it() {
    conductor("c1").store->set_away(true);
    until("it is freed", [&] { return conductor("c1").conductor->flows().empty(); });
  }
  void step_one_ends_unheard() {
    script.held.clear();
    w.release("step-1");
    loop.run_for(Millis{200});
    CHECK(w.unrecorded() == 1);
  }
  void second_run_ends_well() {
    until("run 2 has ended", [&] { return ended("job"); });
    CHECK(state("job") == FlowState::Success);
    CHECK(script.calls == Names{"step-1", "step-2"});
  }
  ScriptedWorker& w = worker("w1");
};

}  // namespace

TEST_CASE_METHOD(SecondRun, "H31: who has seen a flow end does not say so of its next run, which was freed") {
  run_two_at_c1();
  c1_frees_it();
  step_one_ends_unheard();
  conductor("c2");
  second_run_ends_well();
}

TEST_CASE_METHOD(SecondRun, "H31: a left-over node of an ended run is no sign that the flow has ended") {
  run_two_at_c1();
  c1_frees_it();
  bounds.flows_max = 1;
  auto& c2 = conductor("c2");
  bool deaf = true;  // what c2 says does not come to the worker
  broker.set_fates([&](const ports::InboxAddress& to, std::string_view bytes) {
    const auto message = wire::decode(bytes);
    const bool of_c2 = message.ok() && message->from == c2.conductor->self().incarnation;
    return memory::MemoryBroker::Fate{deaf && of_c2 && to.kind == ports::InboxKind::Requests ? 0u : 1u,
                                      Millis{0}};
  });
  until("c2 has it", [&] { return c2.conductor->flow(JobId("job")).has_value(); });
  auto& c1 = *conductor("c1").conductor;
  conductor("c1").store->set_away(false);
  until("c1 claims again", [&] { return c1.gauges().claiming_paused.empty(); });
  const auto before = c1.counters().jobs_claimed;
  ensemble.create_sequential("/taskflow/jobs/job", R"({"uuid": "job", "name": "story", "details":
    {"factory": {"name": "chain", "kwargs": {"length": 2}}}})");
  until("c1 has removed it", [&] { return c1.counters().jobs_claimed > before && c1.flows().empty(); });
  step_one_ends_unheard();
  deaf = false;
  second_run_ends_well();
}
