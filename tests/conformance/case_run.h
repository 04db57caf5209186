#pragma once

#include "tests/conformance/case.h"
#include "tests/conformance/case_store.h"
#include "tests/conformance/observed.h"
#include "tests/conformance/workers.h"

namespace baton::conformance {

/// Runs one case over its whole life: engines that crash, suspend and resume over one store.
class CaseRun {
 public:
  CaseRun(const Case&, Workers&, Deeds&);
  Observed run();

 private:
  enum class End { Crashed, Over };

  void compile();
  End live();
  /// One step and all the starts that belong to its commit. True: a crash point was in it.
  bool commit(engine::Engine&, std::vector<engine::Event>);
  void answer_places(engine::Engine&, engine::StepOutput&);
  void watch_for_suspend(const std::vector<Fact>&);
  void keep_answers(const std::vector<Fact>& kept);
  void take_back_calls(const std::vector<Fact>& all, const std::vector<Fact>& kept);
  void check_store(const engine::Engine&);
  void send(const engine::Engine&, AtomIndex);
  std::variant<Value, Failure> outcome(const engine::Request&, std::size_t nth) const;
  std::optional<Failure> before_retry(AtomIndex, Intention);
  const Script& script_of(const std::string& atom) const;

  const Case& case_;
  Workers& workers_;
  Deeds& deeds_;
  engine::PlanPtr plan_;
  CaseStore store_;
  Observed seen_;
  std::vector<Point> crashes_, suspends_;  // not reached yet
  std::optional<PointWatch> crash_, suspend_;
  bool suspend_now_ = false;
  CaseStore shadow_;         // the state as the suspend point's watch has followed it
  std::size_t watched_ = 0;  // facts of this commit that it has seen
};

}  // namespace baton::conformance
