#pragma once

/// What Baton's programs end with; scripts and systemd units rely on the numbers.
namespace baton::runtime {

enum class ExitCode : int {
  Success = 0,      // a daemon: drained; a command: done, or the flow ended in SUCCESS
  FlowFailed = 1,   // the flow ended otherwise; the doctor found something wrong
  Usage = 2,        // settings or arguments are wrong; nothing was done; starting again will not help
  Unreachable = 3,  // a server is not there, or went away
  Refused = 4,      // a server was there and said no (unknown job, conflict, database of another version)
  Stopped = 5       // told to stop at once, before the drain was over
};

inline constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

}  // namespace baton::runtime
