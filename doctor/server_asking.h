#pragma once

#include "doctor/round.h"
#include "doctor/seen.h"

/// Asks the servers that a settings file names; what came is added to what was seen, which outlives the
/// round.
namespace baton::doctor {

/// Every server once, also where several files name it.
void ask_servers(Round&, Seen&, Millis deadline);

}  // namespace baton::doctor
