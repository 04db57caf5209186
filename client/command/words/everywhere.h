#pragma once

#include <array>

#include "client/command/context.h"

/// What holds for every word of `baton`, for its help and its man pages.
namespace baton::client {

inline constexpr const char* kVersionDay = "2026-11-26";  // man pages want one

struct Ending {
  Ended ended;
  const char* means;
};
inline constexpr std::array kEndings{
    Ending{Ended::Success, "done; where a job or a flow was followed to its end: it ended in SUCCESS"},
    Ending{
        Ended::FlowFailed,
        "the flow ended otherwise, what was waited for did not come, what was compared differs, the "
        "doctor found something wrong, or what was found or done could not be written (a job that was to be "
        "posted is posted)"},
    Ending{Ended::Usage, "wrong arguments, or a file that they name cannot be read or has mistakes"},
    Ending{Ended::Unreachable, "no conductor or server answers"},
    Ending{Ended::Refused,
           "refused: no such job, other content under a key, parameters that do not fit, an order that comes "
           "too late, a state file that is another flow's, damaged or in use"},
    Ending{Ended::Stopped, "stopped by a signal"}};

struct Variable {
  const char* name;
  const char* means;
};
inline constexpr std::array kEnvironment{
    Variable{"BATON_API",
             "conductors to ask, host:port,host:port, where neither --api nor --profile is given"},
    Variable{"BATON_PROFILE", "the profile to use, where none of these is given"},
    Variable{"XDG_CONFIG_HOME", "its baton/profiles.yaml has the profiles; ~/.config if it is not set"},
    Variable{"NO_COLOR", "no colours on a terminal either, if it is set to anything"}};

}  // namespace baton::client
