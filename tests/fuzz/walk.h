#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/engine/stored_flow.h"
#include "tests/fuzz/dice.h"
#include "tests/fuzz/walk_rules.h"

namespace baton::fuzz {

/// Runs one flow to its end, through random outcomes, lost workers, hand-backs, deadlines, suspensions,
/// cancels, restores, commits that were cut inside, and a rerun. Plays host, store and workers. Throws
/// std::logic_error with what was broken; WalkRules says what must hold.
class Walk final : private engine::UserRetries {
 public:
  /// Traced: what it does goes to standard output.
  Walk(engine::PlanPtr, engine::Options, std::uint64_t seed, bool traced = false);

  void run();

  std::size_t steps() const { return steps_; }
  std::size_t cuts() const { return cuts_; }

 private:
  // engine::UserRetries: any answer at any time.
  bool knows(const std::string&) const override { return true; }
  Result<Value, Failure> execute(const engine::RetryCall&) const override;
  Result<RetryAnswer, Failure> on_failure(const engine::RetryCall&, const std::string&,
                                          const Failure&) const override;

  void restore(std::vector<engine::Event> with = {});
  void act();
  void cancel();
  void answer(AtomIndex);
  void pass_time();
  void step(std::vector<engine::Event>);
  void answer_places(engine::StepOutput&);
  void keep(const std::vector<Fact>&);
  void obey(const std::vector<engine::Command>&);
  void check_store() const;
  std::vector<AtomIndex> open() const;
  engine::Placed placed(AtomIndex);

  engine::PlanPtr plan_;
  engine::Options options_;
  mutable Dice dice_;
  std::size_t failing_;  // of 100 executions
  std::size_t cutting_;  // one in so many steps; 0: none
  bool cancelled_ = false, kept_ = false;
  const bool traced_;
  std::unique_ptr<tests::StoredFlow> store_;
  std::unique_ptr<engine::Engine> engine_;
  WalkRules rules_;
  TimePoint now_{std::chrono::hours(24 * 365 * 50)};
  std::map<engine::TimerKey, TimePoint> timers_;
  std::set<AtomIndex> waiting_;  // offered, and there was no room
  std::uint32_t run_ = 1;
  std::size_t steps_ = 0, cuts_ = 0, placed_ = 0;
};

}  // namespace baton::fuzz
