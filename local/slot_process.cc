#include "local/slot_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/process/spawn_options.h"
#include "local/task_slot.h"

extern char** environ;

namespace baton::local {
namespace {

/// Two ends of a socket above the descriptors that a slot's own are moved to.
struct Ends {
  worker::Descriptor ours, theirs;
};

Result<Ends, std::string> make_ends() {
  int both[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0)
    return Fail(std::string("no socket: ") + std::strerror(errno));
  worker::Descriptor ours(both[0]), theirs(both[1]);
  worker::Descriptor high(::fcntl(theirs.number(), F_DUPFD_CLOEXEC, 16));
  if (!high.open()) return Fail(std::string("no descriptor: ") + std::strerror(errno));
  return Ends{std::move(ours), std::move(high)};
}

}  // namespace

std::string SlotProgram::own_path() {
  return "/proc/self/exe";  // the same file as ours also when another one stands at its path by now
}

Result<SlotProcess, std::string> SlotProcess::start(const SlotProgram& program) {
  auto ends = make_ends();
  if (!ends.ok()) return Fail(ends.error());
  process::SpawnOptions options;
  posix_spawn_file_actions_addopen(&options.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&options.files, STDERR_FILENO, STDOUT_FILENO);  // stdout is the program's
  posix_spawn_file_actions_adddup2(&options.files, ends->theirs.number(), kSlotSocket);
  if (program.alive >= 0) posix_spawn_file_actions_adddup2(&options.files, program.alive, kSlotAlive);
  std::vector<std::string> argv{program.path, kSlotWord, std::to_string(::getpid())};
  argv.insert(argv.end(), program.arguments.begin(), program.arguments.end());
  SlotProcess slot;
  const int failed = ::posix_spawn(&slot.pid_, program.path.c_str(), &options.files, &options.attributes,
                                   process::spawn_texts(argv).data(), environ);
  if (failed != 0) {
    slot.pid_ = -1;
    return Fail("cannot start " + program.path + ": " + std::strerror(failed));
  }
  slot.socket_ = std::move(ends->ours);
  return slot;
}

SlotProcess::SlotProcess(SlotProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

SlotProcess::~SlotProcess() {
  if (pid_ < 0) return;
  kill();
  wait_end();
}

void SlotProcess::kill() const {
  ::kill(pid_, SIGKILL);
}

std::string SlotProcess::wait_end() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (!WIFSIGNALED(status)) return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  const char* name = ::sigabbrev_np(WTERMSIG(status));
  return "was ended by signal " + std::to_string(WTERMSIG(status)) +
         (name ? std::string(" (SIG") + name + ")" : "");
}

}  // namespace baton::local
