#pragma once

#include "client/command/local_words.h"
#include "client/local/session.h"

namespace baton::client {

/// What a session that has begun would do: of a flow anew its plan, as `baton flow plan` has it; of a run
/// that goes on or begins again which atoms are begun first, which run, which are reverted and which are
/// kept, as far as the engine's first step knows.
Ended tell_dry_run(const Context&, const RunOptions&, const LocalSession&);

}  // namespace baton::client
