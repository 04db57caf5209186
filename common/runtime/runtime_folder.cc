#include "common/runtime/runtime_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

namespace baton::runtime {
namespace {

namespace files = std::filesystem;

constexpr int kAboveStandard = 16;  // children get theirs moved to low numbers

std::string problem(const files::path& folder, const std::string& what) {
  return "runtime folder " + folder.string() + ": " + what + ": " + std::strerror(errno);
}

constexpr std::string_view kAlive = "alive-", kSession = "session-", kMarker = "at-work-", kTasks = "tasks-",
                           kJson = ".json";

/// Empty: the file is not one of a life's.
std::string invocation_of(std::string_view name) {
  for (const auto before : {kAlive, kSession, kMarker, kTasks})
    if (name.starts_with(before)) {
      name.remove_prefix(before.size());
      if (before == kSession && name.ends_with(kJson)) name.remove_suffix(kJson.size());
      return std::string(name);
    }
  return {};
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

/// The lives that have left files, with the time of the newest file; empty names: not ours.
std::map<std::string, files::file_time_type> lives_in(const files::path& folder) {
  std::map<std::string, files::file_time_type> lives;
  std::error_code trouble;
  for (files::directory_iterator entry(folder, trouble), end; !trouble && entry != end;
       entry.increment(trouble)) {
    const auto invocation = invocation_of(entry->path().filename().string());
    std::error_code unknown;
    const auto written = entry->last_write_time(unknown);
    if (invocation.empty() || unknown) continue;
    auto& newest = lives.try_emplace(invocation, written).first->second;
    newest = std::max(newest, written);
  }
  return lives;
}

void remove_leftovers(const files::path& folder) {
  std::vector<std::pair<files::file_time_type, std::string>> lives;
  for (const auto& [invocation, written] : lives_in(folder)) lives.emplace_back(written, invocation);
  std::sort(lives.begin(), lives.end(), std::greater<>());
  std::error_code ignored;
  for (std::size_t i = RuntimeFolder::kLivesKept; i < lives.size(); ++i)
    for (const auto& file : {alive_file(folder, lives[i].second), session_file(folder, lives[i].second),
                             marker_file(folder, lives[i].second), tasks_file(folder, lives[i].second)})
      files::remove(file, ignored);
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
    ::unlink(tasks_file().c_str());
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

std::string RuntimeFolder::tasks_file() const {
  return runtime::tasks_file(path_, invocation_).string();
}

files::path alive_file(const files::path& folder, const std::string& invocation) {
  return folder / (std::string(kAlive) + invocation);
}

files::path marker_file(const files::path& folder, const std::string& invocation) {
  return folder / (std::string(kMarker) + invocation);
}

files::path tasks_file(const files::path& folder, const std::string& invocation) {
  return folder / (std::string(kTasks) + invocation);
}

files::path session_file(const files::path& folder, const std::string& invocation) {
  return folder / (std::string(kSession) + invocation + std::string(kJson));
}

}  // namespace baton::runtime
