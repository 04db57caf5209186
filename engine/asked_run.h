#pragma once

#include <string>

#include "common/model/states.h"
#include "engine/event.h"
#include "engine/plan.h"

namespace baton::engine {

/// Why a run of a flow that has ended cannot begin with what is asked of this atom, which has ended in this
/// state; empty: it can. Said to who asks before the order is recorded, and looked at again when the run
/// begins.
std::string asked_run_refused(const Plan&, AtomIndex, AtomState, const RunAsked&);

}  // namespace baton::engine
