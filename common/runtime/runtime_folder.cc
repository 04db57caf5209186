#include "common/runtime/runtime_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace baton::runtime {
namespace {

namespace files = std::filesystem;

constexpr int kAboveStandard = 16;  // children get theirs moved to low numbers

std::string problem(const files::path& folder, const std::string& what) {
  return "runtime folder " + folder.string() + ": " + what + ": " + std::strerror(errno);
}

/// Opened and locked, or -1 with errno; EWOULDBLOCK: held by another.
int locked(const files::path& file) {
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) return -1;
  const int high = ::fcntl(opened, F_DUPFD_CLOEXEC, kAboveStandard);
  const int reason = errno;
  ::close(opened);
  errno = reason;
  if (high < 0 || ::flock(high, LOCK_EX | LOCK_NB) == 0) return high;
  const int held = errno;
  ::close(high);
  errno = held;
  return -1;
}

void remove_leftovers(const files::path& folder) {
  std::error_code ignored;
  const auto oldest = files::file_time_type::clock::now() - RuntimeFolder::kLeftoverLife;
  for (const auto& entry : files::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    const bool ours =
        name.starts_with("alive-") || name.starts_with("session-") || name.starts_with("at-work-");
    if (ours && entry.last_write_time(ignored) < oldest) files::remove(entry.path(), ignored);
  }
}

}  // namespace

Result<RuntimeFolder, std::string> RuntimeFolder::take(const std::string& path,
                                                       const std::string& invocation) {
  RuntimeFolder folder(path, invocation);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return Fail(problem(path, "cannot make it"));
  folder.lock_ = locked(folder.path_ / "lock");
  if (folder.lock_ < 0 && errno == EWOULDBLOCK)
    return Fail("runtime folder " + path +
                ": another daemon holds it\n  hint: give each daemon a folder of its own (runtime.folder)");
  if (folder.lock_ < 0) return Fail(problem(path, "cannot lock it"));
  remove_leftovers(folder.path_);
  folder.alive_ = locked(alive_file(folder.path_, invocation));
  if (folder.alive_ < 0) return Fail(problem(path, "cannot lock alive-" + invocation));
  return folder;
}

Result<std::optional<RuntimeFolder>, std::string> RuntimeFolder::of_daemon(
    const std::string& setting, const std::function<const char*(const char*)>& getenv,
    const std::string& life) {
  const char* const given = getenv("RUNTIME_DIRECTORY");
  const std::string path = !setting.empty() ? setting : given ? given : "";
  if (path.empty()) return std::optional<RuntimeFolder>{};
  const char* const invocation = getenv("INVOCATION_ID");
  auto taken = take(path, invocation ? invocation : life);
  if (!taken.ok()) return Fail(taken.error());
  return std::optional<RuntimeFolder>(std::move(taken).value());
}

RuntimeFolder::RuntimeFolder(RuntimeFolder&& other) noexcept
    : path_(std::move(other.path_)),
      invocation_(std::move(other.invocation_)),
      lock_(std::exchange(other.lock_, -1)),
      alive_(std::exchange(other.alive_, -1)) {}

RuntimeFolder::~RuntimeFolder() {
  if (alive_ >= 0) {
    ::unlink(alive_file(path_, invocation_).c_str());
    ::unlink(marker_file().c_str());
    ::close(alive_);
  }
  if (lock_ >= 0) ::close(lock_);
}

std::string RuntimeFolder::session_file() const {
  return runtime::session_file(path_, invocation_).string();
}

std::string RuntimeFolder::marker_file() const {
  return runtime::marker_file(path_, invocation_).string();
}

files::path alive_file(const files::path& folder, const std::string& invocation) {
  return folder / ("alive-" + invocation);
}

files::path marker_file(const files::path& folder, const std::string& invocation) {
  return folder / ("at-work-" + invocation);
}

files::path session_file(const files::path& folder, const std::string& invocation) {
  return folder / ("session-" + invocation + ".json");
}

}  // namespace baton::runtime
