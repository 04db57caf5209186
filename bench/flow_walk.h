#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "bench/flow_shapes.h"
#include "engine/engine.h"

namespace baton::bench {

/// Plays host and workers for one engine: whatever may start is placed at once, each answer is a step.
class FlowWalk {
 public:
  struct Ends {
    Trouble trouble = Trouble::None;
    bool last_fails = false;  // so that all that ran is reverted
  };

  FlowWalk(engine::PlanPtr, Ends);

  /// At most so many answers; false: the flow is at its end.
  bool go_on(std::size_t answers);
  FlowState run();

  /// Ends of executions and of reverts so far, retries' included.
  std::size_t completions() const { return completions_; }
  const engine::Engine& engine() const { return *engine_; }
  /// What a new owner of the flow would load.
  std::vector<AtomRecord> records() const;
  std::uint64_t last_seq() const { return last_seq_; }

 private:
  void step(std::span<const engine::Event>);
  void obey();
  std::variant<Value, Failure> outcome_of(AtomIndex, const engine::Request&) const;

  engine::PlanPtr plan_;
  Ends ends_;
  std::unique_ptr<engine::Engine> engine_;
  engine::StepOutput out_;
  std::vector<engine::Event> placed_;
  std::deque<AtomIndex> open_;
  std::size_t completions_ = 0;
  std::uint64_t last_seq_ = 0;
};

}  // namespace baton::bench
