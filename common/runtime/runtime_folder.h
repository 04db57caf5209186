#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::runtime {

/// A daemon's own folder: what its supervisor must know when it has died (PROTOCOL.md H20, H21).
///   lock                    held by the daemon for its life: two daemons never share a folder
///   alive-<invocation>      held by the daemon and by every child that is given it: who gets this lock knows
///                           that all of them have ended
///   at-work-<invocation>    the job that a conductor is at work on (crash_marker.h)
///   tasks-<invocation>      the tasks that a worker is at work on (tasks_at_work.h)
///   session-<invocation>.json   written by whoever holds a session (common/zookeeper/session_file.h)
/// An invocation is one life of a daemon, named by whoever starts it (systemd: $INVOCATION_ID). Its end
/// removes its files. Owner's thread only; blocks for file operations alone.
class RuntimeFolder {
 public:
  /// The files of so many earlier lives are kept, for guardians that have not done with them; older ones are
  /// removed when the folder is taken.
  static constexpr std::size_t kLivesKept = 8;

  /// Makes the folder (0700) if it is missing. The error is for people: not to be written, held by another.
  static Result<RuntimeFolder, std::string> take(const std::string& path, const std::string& invocation);

  /// The folder that a daemon is given: by its setting, else by systemd ($RUNTIME_DIRECTORY); none: nobody
  /// looks after it. `life` names this life where the environment does not ($INVOCATION_ID).
  static Result<std::optional<RuntimeFolder>, std::string> of_daemon(
      const std::string& setting, const std::function<const char*(const char*)>& getenv,
      const std::string& life);

  RuntimeFolder(RuntimeFolder&&) noexcept;
  RuntimeFolder& operator=(RuntimeFolder&&) = delete;
  ~RuntimeFolder();

  std::string session_file() const;
  std::string marker_file() const;
  std::string tasks_file() const;
  /// A descriptor for children that must end before the session of this process may; closed on exec.
  int alive() const { return alive_; }

 private:
  RuntimeFolder(std::filesystem::path path, std::string invocation)
      : path_(std::move(path)), invocation_(std::move(invocation)) {}
  std::filesystem::path path_;
  std::string invocation_;
  int lock_ = -1, alive_ = -1;
};

/// The names within the folder, for a supervisor.
std::filesystem::path alive_file(const std::filesystem::path& folder, const std::string& invocation);
std::filesystem::path marker_file(const std::filesystem::path& folder, const std::string& invocation);
std::filesystem::path tasks_file(const std::filesystem::path& folder, const std::string& invocation);
std::filesystem::path session_file(const std::filesystem::path& folder, const std::string& invocation);

}  // namespace baton::runtime
