#include "guardian/guardian.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "common/ports/directory.h"
#include "common/runtime/crash_marker.h"
#include "common/runtime/runtime_folder.h"
#include "common/runtime/tasks_at_work.h"
#include "common/zookeeper/dead_session.h"

namespace baton::guardian {
namespace {

using Clock = std::chrono::steady_clock;

/// A note of more names would be too large for ZooKeeper in the end: it says that nothing is known.
constexpr std::size_t kNotedTasksMax = 64;

/// A file that is open for as long as this object lives.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : number_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  bool there() const { return number_ >= 0; }
  bool lock() const {
    int done = 0;
    while ((done = ::flock(number_, LOCK_EX)) != 0 && errno == EINTR) {
    }
    return done == 0;
  }

 private:
  int number_;
};

ports::DeathNote death_note(const std::filesystem::path& marker, const std::filesystem::path& tasks) {
  ports::DeathNote note{runtime::CrashMarker::read(marker.string()), std::nullopt};
  if (const auto left = runtime::TasksAtWork::read(tasks.string());
      left && left->tasks.size() <= kNotedTasksMax)
    note.tasks = ports::LastTasks{{left->tasks.begin(), left->tasks.end()}, left->crash};
  return note;
}

std::string words_of(const ports::DeathNote& note) {
  if (!note.job.empty()) return ", which was at work on job " + note.job;
  if (!note.tasks || note.tasks->names.empty()) return {};
  if (!note.tasks->crash.empty())
    return ", which task " + *note.tasks->names.begin() + " ended (" + note.tasks->crash + ")";
  return ", which was at work on " + std::to_string(note.tasks->names.size()) + " tasks";
}

}  // namespace

Result<std::string, std::string> look_after(const Life& life, Millis deadline) {
  const auto alive = runtime::alive_file(life.folder, life.invocation);
  const auto left = runtime::session_file(life.folder, life.invocation);
  const auto marker = runtime::marker_file(life.folder, life.invocation);
  const auto tasks = runtime::tasks_file(life.folder, life.invocation);
  if (!std::filesystem::is_directory(life.folder))
    return Fail("no folder " + life.folder.string() + "\n  hint: --folder is the daemon's runtime.folder");
  const OpenFile lock(alive);
  if (!lock.there() && errno != ENOENT)
    return Fail("cannot open " + alive.string() + ": " + std::strerror(errno));
  if (lock.there() && !lock.lock())
    return Fail("cannot wait for " + alive.string() + ": " + std::strerror(errno));
  const auto died = Clock::now();
  if (!std::filesystem::exists(left)) return std::string("it has left no session: nothing to do");
  const auto dead = zookeeper::read_session_file(left.string());
  if (!dead.ok()) return Fail(dead.error());
  const auto note = death_note(marker, tasks);
  if (const auto ended = zookeeper::end_dead_session(*dead, ports::to_json(note), deadline); !ended.ok())
    return Fail(ended.error());
  std::error_code ignored;  // the folder's next owner removes what is left
  std::filesystem::remove(left, ignored);
  std::filesystem::remove(marker, ignored);
  std::filesystem::remove(tasks, ignored);
  std::filesystem::remove(alive, ignored);
  const auto took = std::chrono::duration_cast<Millis>(Clock::now() - died);
  return "session " + zookeeper::session_hex(dead->identity.id) + " ended " + std::to_string(took.count()) +
         " ms after its process" + words_of(note);
}

}  // namespace baton::guardian
