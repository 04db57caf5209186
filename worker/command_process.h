#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"
#include "worker/task_control.h"

namespace baton::worker {

/// One run of a program, from start to the end of it and of every process that it has left behind.
struct CommandRun {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  // beside the worker's own
  std::string cwd;                         // empty: the worker's
  std::string input;                       // stdin
  Millis timeout{0};                       // 0: none
};

struct CommandEnd {
  enum class How { Exited, Signalled, Cancelled, TimedOut };
  How how = How::Exited;
  int number = 0;      // exit code or signal
  std::string output;  // stdout; cut right behind the limit, so that too much can be told from enough
  std::string errors;  // the tail of stderr
};

/// Runs programs as command tasks: in a process group of their own, under a guard. They and what they start,
/// in whatever group or session, end with the task and with the worker; a cancelled one gets SIGTERM (its
/// group), all of it SIGKILL after `grace`.
/// Blocks the calling thread, which must block SIGPIPE. From many threads at once. A child's end is tied to
/// the thread that started it: the thread outlives the run.
class CommandLauncher {
 public:
  static constexpr std::size_t kOutputBytesMax = 1024 * 1024 + 1;  // one over kResultBytesMax: it is refused
  static constexpr std::size_t kErrorsBytesMax = 64 * 1024;
  static constexpr Millis kGrace{5'000};

  /// `guard`: the program baton-command-guard. `alive`: a descriptor that it holds until the command and all
  /// that it left are dead (runtime_folder.h); -1: none.
  explicit CommandLauncher(std::string guard, int alive = -1, Millis grace = kGrace)
      : guard_(std::move(guard)), alive_(alive), grace_(grace) {}

  /// The error: the guard could not be started.
  Result<CommandEnd, std::string> run(const CommandRun&, TaskControl&) const;

  /// baton-command-guard beside this very program.
  static std::string guard_beside_program();

 private:
  std::string guard_;
  int alive_;
  Millis grace_;
};

}  // namespace baton::worker
