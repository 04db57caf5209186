#pragma once

#include <array>

#include "client/command/context.h"

namespace baton::client {

/// What an exit code of `baton` means: the same for every word.
struct Ending {
  Ended ended;
  const char* means;
};

inline constexpr std::array kEndings{
    Ending{Ended::Success, "done; where a job or a flow was followed to its end: it ended in SUCCESS"},
    Ending{Ended::FlowFailed,
           "the flow ended otherwise, what was waited for did not come, what was compared differs, or the "
           "doctor "
           "found something wrong"},
    Ending{Ended::Usage, "wrong arguments, or a file that they name cannot be read or has mistakes"},
    Ending{Ended::Unreachable, "no conductor or server answers"},
    Ending{Ended::Refused,
           "refused: no such job, other content under a key, parameters that do not fit, an order that comes "
           "too "
           "late, a state file that is another flow's, damaged or in use"},
    Ending{Ended::Stopped, "stopped by a signal"}};

}  // namespace baton::client
