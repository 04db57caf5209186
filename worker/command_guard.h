#pragma once

#include <signal.h>

/// How a worker and baton-command-guard (command_guard.cc) speak with each other.
namespace baton::worker::guard {

inline constexpr int kStatusPipe = 3;      // the descriptor to which it writes how the command ended
inline constexpr int kAlive = 4;           // held until all below the guard are dead; may be closed
inline constexpr int kAskToEnd = SIGTERM;  // passed on to the command's process group
inline constexpr int kEndNow = SIGQUIT;    // all that runs below the guard is killed

}  // namespace baton::worker::guard
