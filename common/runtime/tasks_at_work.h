#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"

namespace baton::runtime {

/// Names the tasks that a process is running right now, one a thread, in a file that is mapped into memory:
/// what is written outlives the process (as crash_marker.h, for one piece of work). A thread that ends the
/// process itself (by a signal that its own code raised, or by exit()) is named as the one to blame; when
/// the process is ended from outside, all of them are suspects (PROTOCOL.md H22). When a thread that runs no
/// task ends it, nothing is known.
/// One in a process. begin() and end() from the thread that runs the task.
class TasksAtWork {
 public:
  static constexpr std::size_t kNameBytesMax = 300;  // flow, atom and a stroke between them fit

  static Result<TasksAtWork, std::string> open(const std::string& path, std::size_t threads);
  TasksAtWork(TasksAtWork&&) noexcept;
  TasksAtWork& operator=(TasksAtWork&&) = delete;
  ~TasksAtWork();  // leaves the file: RuntimeFolder removes it

  void begin(std::size_t thread, std::string_view task);
  void end(std::size_t thread);

  /// What a dead process left. None of it is known without such a file, or if a thread without a task ended
  /// it.
  struct Left {
    std::vector<std::string> tasks;  // the one to blame, or all that ran
    std::string crash;               // "SIGSEGV", "exit": how the one to blame ended it; empty: nobody did
  };
  static std::optional<Left> read(const std::string& path);  // none: not known

 private:
  struct Page;
  explicit TasksAtWork(Page* page) : page_(page) {}
  Page* page_;
};

/// A stack for the handler of a thread whose own has overflowed. Of the thread that makes it.
class CrashStack {
 public:
  CrashStack();
  CrashStack(const CrashStack&) = delete;
  CrashStack& operator=(const CrashStack&) = delete;
  ~CrashStack();

 private:
  std::unique_ptr<char[]> stack_;
};

/// The signals that a thread's own code raises; a thread that is to be named must not block them.
const std::vector<int>& crash_signals();

}  // namespace baton::runtime
