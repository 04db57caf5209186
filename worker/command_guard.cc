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
constexpr long kUnkillableSeconds = 1;
constexpr timespec kRoundPause{0, 10'000'000};
constexpr pid_t kNumbersMax = 4'194'304;  // the kernel's own bound of pid_max

void tell(const char* how, int number) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%s %d\n", how, number);
  // A pipe takes so few bytes at once or fails because the worker is gone, and then nobody listens.
  [[maybe_unused]] const auto written = write(guard::kStatusPipe, text, static_cast<std::size_t>(length));
}

/// False: it is no child of ours (which only the kernel's word proves), or one that may not be killed. Only
/// this process reaps its children, so that none of their numbers can have become another process's.
bool kill_if_child(pid_t process) {
  siginfo_t ended;
  return waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         kill(process, SIGKILL) == 0;
}

/// Sends SIGKILL to every child that /proc lists; false: to none.
bool kill_listed_children() {
  DIR* processes = opendir("/proc");
  if (!processes) return false;
  bool killed = false;
  while (const dirent* entry = readdir(processes))
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])))
      killed = kill_if_child(std::atoi(entry->d_name)) || killed;
  closedir(processes);
  return killed;
}

pid_t numbers_end() {
  pid_t end = 0;
  std::FILE* file = std::fopen("/proc/sys/kernel/pid_max", "re");
  if (!file) return kNumbersMax;
  const bool read = std::fscanf(file, "%d", &end) == 1;
  std::fclose(file);
  return read ? end : kNumbersMax;
}

/// Sends SIGKILL to one child that /proc does not list: where it is mounted with hidepid (ProtectProc= of our
/// units), it hides whoever may not be traced, such as who has said PR_SET_DUMPABLE 0 (ssh-agent). All
/// numbers are asked then, upwards from our own, behind which children come; all 4 million take about a
/// second.
bool kill_unlisted_child() {
  const pid_t self = getpid(), end = numbers_end();
  for (pid_t process = self + 1; process < end; ++process)
    if (kill_if_child(process)) return true;
  for (pid_t process = 1; process < self; ++process)
    if (kill_if_child(process)) return true;
  return false;
}

/// A child's children become ours when it ends: who kills children until there are none has killed them all.
[[noreturn]] void end_all() {
  for (time_t given_up = 0;;) {
    pid_t reaped = 0;
    while ((reaped = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0 && errno == ECHILD) break;
    if (kill_listed_children() || kill_unlisted_child()) {
      waitpid(-1, nullptr, 0);  // one of them ends; what hangs in the kernel is waited for
      continue;
    }
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (given_up == 0) given_up = now.tv_sec + kUnkillableSeconds + 1;  // the second under way does not count
    if (now.tv_sec >= given_up) break;
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
  fcntl(guard::kAlive, F_SETFD, FD_CLOEXEC);
  close_range(guard::kAlive + 1, ~0U, 0);  // what a library of the worker opened without CLOEXEC

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
