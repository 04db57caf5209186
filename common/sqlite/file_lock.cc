#include "common/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace baton::sqlite {
namespace {

/// There is no waiting for a flock with a deadline but by asking again.
constexpr timespec kAskAgain{0, 5'000'000};
constexpr int kLowestDescriptor = 16;

/// Who has it, by /proc/locks ("1: FLOCK ADVISORY WRITE 4711 fe:01:1234 0 EOF"); 0: that cannot be told.
int holder_of(int descriptor) {
  struct stat file {};
  if (::fstat(descriptor, &file) != 0) return 0;
  const std::string inode = ":" + std::to_string(file.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, access, pid, place;
    words >> number >> kind >> advisory >> access >> pid >> place;
    if (kind == "FLOCK" && place.ends_with(inode)) return std::atoi(pid.c_str());
  }
  return 0;
}

/// Also one that nobody has reaped yet: its descriptors are closed.
bool is_dead(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto name_end = text.rfind(')');
  return name_end == std::string::npos || text.size() < name_end + 3 || text[name_end + 2] == 'Z' ||
         text[name_end + 2] == 'X';
}

LockError in_use(const std::string& path, int pid) {
  return {true, path + " is in use by another process" + (pid == 0 ? "" : ", pid " + std::to_string(pid)) +
                    "\n  hint: one process at a time has a state file; wait for its end, or end it"};
}

LockError refused(const std::string& path, const char* what) {
  return {false, std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

/// A new one is its owner's alone: what tasks are given may be secret. SQLite has not opened it yet: closing
/// one of our descriptors later would drop its lock.
int open_high(const std::string& path, int flags) {
  const int low = ::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0600);
  if (low < 0) return -1;
  const int high = ::fcntl(low, F_DUPFD_CLOEXEC, kLowestDescriptor);
  ::close(low);
  return high;
}

}  // namespace

Result<FileLock, LockError> FileLock::take(const std::string& path, Millis wait_max) {
  return have(path, O_CREAT, LOCK_EX, wait_max);
}

Result<FileLock, LockError> FileLock::share(const std::string& path, Millis wait_max) {
  return have(path, 0, LOCK_SH, wait_max);
}

Result<FileLock, LockError> FileLock::have(const std::string& path, int open_flags, int how,
                                           Millis wait_max) {
  FileLock lock(open_high(path, open_flags));
  if (lock.descriptor_ < 0) return Fail(refused(path, "open"));
  const auto began = std::chrono::steady_clock::now();
  while (::flock(lock.descriptor_, how | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Fail(refused(path, "lock"));
    const int pid = holder_of(lock.descriptor_);
    const bool lives = pid != 0 && !is_dead(pid);
    const auto waited = std::chrono::steady_clock::now() - began;
    if (waited >= wait_max || (lives && waited >= kHolderMax)) return Fail(in_use(path, lives ? pid : 0));
    ::nanosleep(&kAskAgain, nullptr);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace baton::sqlite
