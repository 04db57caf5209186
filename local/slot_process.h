#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "common/wire/messages.h"
#include "worker/child_process.h"
#include "worker/task_executor.h"

namespace baton::local {

/// The program that serves as a slot: this one's own binary, told so by its arguments (task_slot.h).
struct SlotProgram {
  std::string path;
  std::vector<std::string> arguments;  // without the program's name
  int alive = -1;                      // a descriptor that slots hold while they live; -1: none

  /// The very program that runs.
  static std::string own_path();
};

/// One slot: a process of its own, begun by posix_spawn in a process group of its own, that runs one task at
/// a time. It ends with this object, or with the thread that began it (PR_SET_PDEATHSIG).
/// Threads: one, but for wake().
class SlotProcess {
 public:
  static Result<SlotProcess, std::string> start(const SlotProgram&);
  SlotProcess(SlotProcess&&) noexcept;
  SlotProcess& operator=(SlotProcess&&) = delete;
  ~SlotProcess();

  pid_t pid() const { return pid_; }
  int socket() const { return socket_.number(); }
  void kill() const;
  /// Waits for its end, which must be near; for people: "was ended by signal 11 (SIGSEGV)".
  std::string wait_end();

 private:
  SlotProcess() = default;
  pid_t pid_ = -1;  // not reaped before the end, so the number is nobody else's
  worker::Descriptor socket_;
};

}  // namespace baton::local
