#pragma once

#include <optional>
#include <string>

#include "common/model/ids.h"
#include "common/model/time.h"

namespace baton::ports {

/// ClaimLost only where the fence did not return the flow. OutcomeUnknown: anything but a clear COMMIT; the
/// memory of those flows is void: load again under the row lock. Unstorable: this flow's facts hold a value
/// that the store refused (the others of the batch were committed). SchemaMismatch: another version's
/// database.
enum class StoreErrorCode {
  ClaimLost,
  OutcomeUnknown,
  Unavailable,
  Unstorable,
  SchemaMismatch,
  NotFound,
  Conflict
};
struct StoreError {
  StoreErrorCode code;
  std::string message;
  AtomIndex guilty = kNoAtom;              // of Unstorable
  std::optional<TimePoint> pruned_before;  // of NotFound: what had ended before then may have been here once
};

}  // namespace baton::ports
