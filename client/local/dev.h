#pragma once

#include "client/command/local_words.h"

namespace baton::client {

/// Conductor, worker and API in this process until it is told to stop: board and bus in memory, the store in
/// a state file. After a kill -9 the next one goes on with what had not ended.
Ended run_dev(const Context&, const DevOptions&);

}  // namespace baton::client
