#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

const std::string kChain = R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})";

/// A flow that has ended once, and is posted again with a higher run (semantics.md 42).
class Rerun : public Cluster {
 public:
  void first_run(const std::string& details, FlowState ends) {
    conductor();
    worker("w1");
    post("job", details);
    until_ended("job");
    CHECK(state("job") == ends);
    until("the job is gone from the board", [&] { return on_board().empty(); });
    script.calls.clear();
    details_ = details;
  }
  /// Its last commit is never answered: its conductor does not know that it has ended.
  void first_run_ends_unheard(const std::string& details) {
    conductor().store->cut_steps([cut = false](const ports::StepWrite& step) mutable {
      const auto* flow = std::get_if<FlowFact>(&step.facts.back().body);
      const bool last = flow && is_final(flow->state) && !std::exchange(cut, true);
      return last ? std::optional(step.facts) : std::nullopt;
    });
    worker("w1");
    post("job", details);
    until_ended("job");
    CHECK_FALSE(on_board().empty());
    details_ = details;
  }
  void second_run(FlowState ends) {
    post("job", details_, Priority::Normal, 2);
    until("run 2 has ended", [&] {
      const auto job = database->summaries({JobId("job")}).value().at(0);
      return job.run == 2 && is_final(job.state);
    });
    CHECK(state("job") == ends);
    until("the job is gone from the board", [&] { return on_board().empty(); });
  }

 private:
  std::string details_;
};

}  // namespace

TEST_CASE_METHOD(Rerun, "after REVERTED everything runs anew") {
  script.failures["step-2"] = Failure::make("Refused", "no quota");
  first_run(kChain, FlowState::Reverted);
  script.failures.clear();
  second_run(FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  for (const auto& atom : show("job").atoms) CHECK(atom.record.attempt == 2);
}

TEST_CASE_METHOD(Rerun, "after SUCCESS nothing is left to do") {
  first_run(kChain, FlowState::Success);
  second_run(FlowState::Success);
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(Rerun, "after a failure that nobody resolved it goes on from there") {
  script.failures["step-2"] = Failure::make("Refused", "no quota");
  first_run(R"({"factory": {"name": "chain", "kwargs": {"length": 2}}, "options": {"never_resolve": true}})",
            FlowState::Failure);
  second_run(FlowState::Failure);
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(Rerun, "H31: it goes on where the end of its last run has not been heard yet") {
  first_run_ends_unheard(kChain);
  second_run(FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
}
