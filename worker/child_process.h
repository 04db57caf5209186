#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "common/model/result.h"
#include "common/process/descriptor.h"

namespace baton::worker {

using process::Descriptor;

/// baton-command-guard as a child, the leader of its own process group, with four pipes. This object's end
/// lets the guard end all that runs below it, and waits until it has.
class ChildProcess {
 public:
  /// Descriptors 0, 1, 2 and 3 of the child are pipes; ours never block and are closed on exec. Its 4 is
  /// `alive`; -1: closed.
  static Result<ChildProcess, std::string> start(const std::vector<std::string>& argv,
                                                 const std::vector<std::string>& environment, int alive);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  /// SIGTERM to the command and its group, if they have not ended.
  void ask_to_end() const;
  /// SIGKILL to everything below the guard.
  void end_now() const;

  Descriptor input, output, errors, status;  // ours: to its stdin, from its stdout, stderr and descriptor 3

 private:
  ChildProcess() = default;
  pid_t pid_ = -1;  // not reaped before the end, so the number is nobody else's
};

}  // namespace baton::worker
