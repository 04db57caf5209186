#pragma once

#include <optional>
#include <string>

#include "common/model/failure.h"
#include "common/model/job.h"
#include "conductor/flow_catalogue.h"
#include "engine/engine.h"

namespace baton::conductor {

/// Why a posting gives no plan here. LeaveAlone: another conductor, or a later version of this one, may run
/// it. Reject: no version will; it ends REJECTED with this failure.
struct NoPlan {
  enum class Verdict { LeaveAlone, Reject };
  Verdict verdict = Verdict::LeaveAlone;
  Failure why;
};

/// From a posting's details to a compiled plan. `factory` {name, args, kwargs} asks the catalogue, `flow` is
/// the flow itself, `store` holds the initial symbols, `options` {"defer_reverts", "never_resolve"} the
/// engine's options (semantics.md section 9). `details` itself is open: posters keep members of their own
/// there (TaskFlow's flow_uuid). Within these four every member that this version does not know leaves the
/// job alone, since a later version's poster may have written it (PROTOCOL.md H15).
/// Reads no clock, no file, no network. Owner's thread only.
class FlowSource {
 public:
  explicit FlowSource(FlowCatalogue& catalogue) : catalogue_(catalogue) {}

  /// Cheap: why this job need not even be claimed here. nullopt: try it.
  std::optional<std::string> leave_alone(const Posting&) const;

  Result<engine::PlanPtr, NoPlan> plan(const Posting&) const;
  /// Read at each claim: they are the posting's, not the plan's.
  Result<engine::Options, NoPlan> options(const Posting&) const;
  /// What of them is understood here: of a flow that was planned before, by a conductor that knew them all.
  engine::Options known_options(const Posting&) const;

 private:
  Result<Value, NoPlan> flow_json(const Posting&) const;

  FlowCatalogue& catalogue_;
};

/// What the flow is called before it is compiled: the factory's or the inline flow's name; empty: neither.
std::string flow_name_of(const Posting&);

}  // namespace baton::conductor
