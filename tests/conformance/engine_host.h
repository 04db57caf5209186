#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/conformance/cast.h"
#include "tests/conformance/commit_watch.h"

namespace baton::conformance {

/// What is the same for a case whatever engine runs it.
struct Stage {
  Stage(const Case& its_case, Deeds& its_deeds)
      : one(its_case), deeds(its_deeds), cast(one, seen, deeds), commits(one, seen, deeds) {}

  /// A task is called as the engine asks for it.
  Cast::Turn call(const engine::Request& request) {
    return cast.task({request.atom, request.intention, request.arguments, request.result, request.failure});
  }
  /// Calls already made do end and count, but their outcome is lost (FORMAT.md, POINT).
  void call_what_was_begun(const engine::Engine& engine) {
    for (const AtomIndex atom : commits.called_before_crash()) call(engine.request(atom));
  }

  const Case& one;
  Deeds& deeds;
  Observed seen;
  Cast cast;
  CommitWatch commits;
};

/// One way to run a case's engines, one after the other, over one store that outlives them. What goes wrong
/// with the engine itself becomes a defect in Stage::seen. Made for one case.
class EngineHost {
 public:
  /// Refused: the flow does not compile; Stage::seen.error says why.
  enum class End { Crashed, Over, Refused };

  virtual ~EngineHost() = default;
  /// A fresh engine over what the store has, until it has crashed, ended or suspended.
  virtual End live() = 0;
  virtual FlowState stored_state() const = 0;
  virtual std::map<std::string, AtomRecord> stored_atoms() const = 0;
};

/// The engine alone: answers come one after the other, in an order that follows the seed.
std::unique_ptr<EngineHost> serial_host(Stage&, std::uint64_t seed);
/// The same with a thread for each call.
std::unique_ptr<EngineHost> threads_host(Stage&, std::uint64_t seed);
/// The same with calls in processes of their own, local mode's slots.
std::unique_ptr<EngineHost> processes_host(Stage&, std::uint64_t seed);
/// Conductor and workers on the memory adapters, in virtual time.
std::unique_ptr<EngineHost> cluster_host(Stage&, std::uint64_t seed);

}  // namespace baton::conformance
