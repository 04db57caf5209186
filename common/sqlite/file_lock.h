#pragma once

#include <string>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::sqlite {

struct LockError {
  bool in_use = false;  // else the file itself cannot be had
  std::string message;  // for people: who has it, as far as that can be told
};

/// Makes a state file one process's own. SQLite's own lock ends with the process; this one also waits for
/// whatever that process has started and handed it to (descriptor()): a command that is still being ended by
/// its guard.
class FileLock {
 public:
  /// What a process that was killed has left is given so long to end …
  static constexpr Millis kWaitMax{5'000};
  /// … and a process that lives so long, for it may be about to end.
  static constexpr Millis kHolderMax{300};

  static Result<FileLock, LockError> take(const std::string& path, Millis wait_max = kWaitMax);
  /// To read one that is there, beside others that do; refused as take() is. Nobody takes it meanwhile.
  static Result<FileLock, LockError> share(const std::string& path, Millis wait_max = kWaitMax);
  FileLock(FileLock&&) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

  /// Above those that a child's own are moved to.
  int descriptor() const { return descriptor_; }

 private:
  static Result<FileLock, LockError> have(const std::string& path, int open_flags, int how, Millis wait_max);
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace baton::sqlite
