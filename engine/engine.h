#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/model/atom_record.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/plan.h"
#include "engine/user_retries.h"

namespace baton::engine {

/// TaskFlow's engine options (semantics.md section 9), and a seam.
struct Options {
  bool defer_reverts = false;
  bool never_resolve = false;
  /// For the jitter of pauses, from the host's Entropy: the same for all engines of a flow, different for
  /// different flows.
  std::uint64_t seed = 0;
  /// Modules' retry policies; outlives the engine. Null: a plan that names one is refused.
  const UserRetries* user_retries = nullptr;
  /// Called before a retry executes (intention EXECUTE) or reverts: a failure is its outcome, else its policy
  /// runs. Empty: always the policy. For tests.
  std::function<std::optional<Failure>(AtomIndex, Intention)> before_retry;
};

/// Each retry of each flow has jitter of its own.
constexpr std::uint64_t seed_of(const Options& options, AtomIndex retry) {
  return options.seed ^ (std::uint64_t{retry} << 32);
}

/// Everything that a delivery tells the worker besides who sends it.
struct Request {
  std::string atom;
  std::string task_type;
  Intention intention = Intention::Execute;
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  Value arguments;                 // an object: argument -> value
  Value result;                    // of a revert: what execute returned (null after a failure)
  std::optional<Failure> failure;  // of a revert: what execute failed of
  RareList<std::pair<std::string, Failure>>
      flow_failures;                     // of a revert: in force, cut to kRevertFailuresMax and …BytesMax
  std::optional<Millis> start_to_close;  // what is left of it
};

/// The pure core: events in, facts and commands out. Same state and same events, same output. No clock, no
/// randomness, no I/O, no threads: one host owns it and brings all of these.
///
/// Semantics: conformance/semantics.md; where Baton does better on purpose, conformance/README.md. Readiness
/// is kept by counters through the plan's start and end nodes: O(1) amortised per completed atom plus its
/// out-edges.
class Engine {
 public:
  /// A fresh flow, or one restored: `atoms` is empty or has the plan's size. Facts that do not fit the plan
  /// are refused.
  static Result<std::unique_ptr<Engine>, FlowError> make(PlanPtr, Options, FlowState state,
                                                         std::vector<AtomRecord> atoms,
                                                         std::uint64_t last_seq, std::uint32_t run = 1);
  ~Engine();

  /// `now` is the database's time as the host knows it: the same for all steps that share a commit, since
  /// what comes without workers is bounded for each moment (timers.cc). Appends to `out`.
  void step(TimePoint now, std::span<const Event> events, StepOutput& out);

  /// The atom may be placed now (it was named by a Place and nothing has changed since).
  bool may_start(AtomIndex) const;
  /// The open delivery of an atom in RUNNING or REVERTING, from recorded facts only.
  Request request(AtomIndex) const;

  FlowState state() const;
  bool finished() const;  // state is final, or SUSPENDED with nothing out
  const AtomRecord& atom(AtomIndex) const;
  const Plan& plan() const;
  std::size_t done() const;  // atoms in SUCCESS, IGNORE or REVERTED: for progress

 private:
  struct Core;
  explicit Engine(std::unique_ptr<Core>);
  std::unique_ptr<Core> core_;
};

}  // namespace baton::engine
