/// baton-command-guard PARENT -- PROGRAM ARGUMENTS…
///
/// Stands between a worker and a command task, so that nothing of the command outlives either of them
/// (PROTOCOL.md H20). The worker starts it as the leader of a process group, with the command's stdin, stdout
/// and stderr, and a status pipe. It runs the command in a group of the command's own and, when the command
/// ends, writes "exit N" or "signal N" to the status pipe, kills what the command has left behind, in
/// whatever group or session that is, and only then ends itself. When the worker dies or says so, it kills at
/// once.
///
/// A program of its own and not the worker's: it starts in a millisecond, may fork, having one thread, and is
/// told of the end of every orphan below it (PR_SET_CHILD_SUBREAPER) without taking those of the worker.
#include "worker/command_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

namespace guard = baton::worker::guard;

constexpr int kCannotRun = 127;  // as shells say it
/// Children that this user may not kill (set-uid programs) are given this long to end, then left.
constexpr int kUnkillableRounds = 100;
constexpr timespec kRoundPause{0, 10'000'000};

void tell(const char* how, int number) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%s %d\n", how, number);
  // A pipe takes so few bytes at once or fails because the worker is gone, and then nobody listens.
  [[maybe_unused]] const auto written = write(guard::kStatusPipe, text, static_cast<std::size_t>(length));
}

pid_t parent_of(const char* process) {
  char path[64], text[512];
  std::snprintf(path, sizeof path, "/proc/%s/stat", process);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const auto length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (length <= 0) return -1;
  text[length] = '\0';
  const char* name_end = std::strrchr(text, ')');  // the name may hold blanks and brackets itself
  int parent = -1;
  if (!name_end || std::sscanf(name_end + 1, " %*c %d", &parent) != 1) return -1;
  return parent;
}

/// Sends SIGKILL to every child; false: to none. Only this process reaps them, so that none of the numbers
/// can have become another process's.
bool kill_children() {
  DIR* processes = opendir("/proc");
  if (!processes) return false;
  bool killed = false;
  const pid_t self = getpid();
  while (const dirent* entry = readdir(processes)) {
    if (!std::isdigit(static_cast<unsigned char>(entry->d_name[0])) || parent_of(entry->d_name) != self)
      continue;
    killed = kill(std::atoi(entry->d_name), SIGKILL) == 0 || killed;
  }
  closedir(processes);
  return killed;
}

/// A child's children become ours when it ends: who kills children until there are none has killed them all.
[[noreturn]] void end_all() {
  for (int unkillable = 0; unkillable < kUnkillableRounds;) {
    pid_t reaped = 0;
    while ((reaped = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0 && errno == ECHILD) break;
    if (kill_children()) {
      waitpid(-1, nullptr, 0);  // one of them ends; what hangs in the kernel is waited for
      continue;
    }
    ++unkillable;
    nanosleep(&kRoundPause, nullptr);
  }
  _exit(0);
}

[[noreturn]] void run(char** argv, const sigset_t& before, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotRun);  // it died before it could be asked to tell
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  execvp(argv[0], argv);
  std::fprintf(stderr, "cannot run '%s': %s\n", argv[0], std::strerror(errno));
  _exit(kCannotRun);
}

/// Reaps whoever has ended; true: the command is among them, and the worker is told how it ended.
bool has_ended(pid_t command) {
  int status = 0;
  for (pid_t reaped; (reaped = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (reaped != command) continue;  // an orphan of the command's
    if (WIFSIGNALED(status)) {
      tell("signal", WTERMSIG(status));
    } else {
      tell("exit", WEXITSTATUS(status));
    }
    return true;
  }
  return false;
}

[[noreturn]] void stand_guard(pid_t command, const sigset_t& awaited) {
  while (true) {
    int signal = 0;
    if (sigwait(&awaited, &signal) != 0) continue;
    if (signal == guard::kEndNow) {
      has_ended(command);
      end_all();
    }
    // Not reaped yet, so the number is the command's; without a group it has moved to another one.
    if (signal == guard::kAskToEnd && kill(-command, SIGTERM) != 0) kill(command, SIGTERM);
    if (signal == SIGCHLD && has_ended(command)) end_all();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::strcmp(argv[2], "--") != 0) {
    std::fprintf(stderr,
                 "usage: baton-command-guard PARENT -- PROGRAM ARGUMENTS…\n"
                 "It is started by baton-worker for command tasks, as the leader of a process group.\n");
    return 2;
  }
  sigset_t awaited, before;
  sigemptyset(&awaited);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) sigaddset(&awaited, number);
  sigprocmask(SIG_BLOCK, &awaited, &before);
  signal(SIGPIPE, SIG_IGN);  // a worker that died reads no status

  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, guard::kEndNow);
  if (getppid() != std::atoi(argv[1])) return kCannotRun;  // the worker died before the line above
  fcntl(guard::kStatusPipe, F_SETFD, FD_CLOEXEC);
  close_range(guard::kStatusPipe + 1, ~0U, 0);  // what a library of the worker opened without CLOEXEC

  const pid_t self = getpid();
  const pid_t command = fork();
  if (command == 0) run(argv + 3, before, self);
  if (command < 0) {
    std::fprintf(stderr, "cannot run '%s': %s\n", argv[3], std::strerror(errno));
    tell("exit", kCannotRun);
    return kCannotRun;
  }
  setpgid(command, command);  // here too: a signal may be asked for before the child has come to it
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(descriptor);
  stand_guard(command, awaited);
}
