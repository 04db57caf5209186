#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/model/time.h"

namespace baton::process {

/// A command that is given a text and a time.
struct BoundedCommand {
  std::vector<std::string> argv;  // the program by its path, or found in PATH
  std::vector<std::string> environment;
  std::string input;
  Millis timeout{0};
  int stop = -1;  // a descriptor that becomes readable when it is to end at once; -1: none
};

/// Of what it says, on stdout and stderr, the end is kept.
inline constexpr std::size_t kCommandOutputBytesMax = 2'000;

/// Runs it in a process group of its own, with no descriptor of ours but its three, and waits. When it has
/// ended, or its time is over, the whole group is killed. Empty: it ended with 0; else why not, with the end
/// of what it said. Blocks; for a thread that blocks all signals.
std::string run_bounded(const BoundedCommand&);

/// Those variables of this process's environment that any command may see (PATH, HOME, …), and these.
std::vector<std::string> plain_environment(const std::map<std::string, std::string>& more);

}  // namespace baton::process
