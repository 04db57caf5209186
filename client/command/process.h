#pragma once

#include "client/command/command_line.h"

namespace baton::client {

/// How this process was called: its arguments, what the environment says, and whether people look at it.
Invocation invocation_of(int argc, char** argv);

/// SIGINT and SIGTERM end it with Ended::Stopped. Nothing that it does needs an end of its own: what was
/// asked of a server goes on there. `baton run` and `baton dev` set their own.
void end_by_signals();

/// Behind a Tab somebody waits, and neither a name server nor a conductor need answer: if that is what this
/// process was called for it ends soon, with no names if it has none by then.
void end_soon_behind_tab(const Invocation&);

/// What a process ends with: what could not be written (a disk that is full) is not done.
int exit_code(Ended, std::ostream& out, std::ostream& err);

}  // namespace baton::client
