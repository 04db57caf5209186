#pragma once

#include <string>

namespace baton::test {

/// Ends the session that a session file names, as a supervisor does for a process that has died: takes it
/// over with its id and password, and closes it, until the server knows it no more. Blocks for some
/// milliseconds; fails the test when it cannot.
void end_session_of_file(const std::string& file);

}  // namespace baton::test
