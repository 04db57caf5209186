#pragma once

#include <string>

#include "common/ports/flow_store.h"

namespace baton::api {

/// What happened, in words, of the atom, the range or the flow that the row is about: "RUNNING at worker-1,
/// attempt 2". Begins with the new state if there is one; one line, bounded; results are not in it.
std::string words_of(const ports::HistoryRow&);

}  // namespace baton::api
