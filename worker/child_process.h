#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "common/model/result.h"

namespace baton::worker {

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

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
