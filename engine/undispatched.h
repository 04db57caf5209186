#pragma once

#include "common/model/failure.h"

namespace baton::engine {

/// Failures of attempts that were never dispatched: nothing ran, so nothing is to be undone. Only the engine
/// makes these types; that is how a record tells.
bool never_dispatched(const Failure&);

/// A worker's failure. A type that is kept for the engine gets "Task." in front.
Failure as_reported(Failure);

}  // namespace baton::engine
