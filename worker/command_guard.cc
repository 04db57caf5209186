/// baton-command-guard PARENT -- PROGRAM ARGUMENTS…
///
/// Stands between a worker and a command task, so that nothing of the command outlives either of them
/// (PROTOCOL.md H20). The worker starts it as the leader of a process group of its own, with the command's
/// stdin, stdout and stderr, and a status pipe as descriptor 3. It runs the command in that group and, when
/// the command ends, writes "exit N" or "signal N" to the status pipe and kills what is left of the group,
/// itself included. When the worker dies it kills the group at once.
///
/// A program of its own and not the worker's: it starts in a millisecond and may fork, having one thread.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

constexpr int kStatusPipe = 3;
constexpr int kCannotRun = 127;  // as shells say it

int worker_died_signal() {
  return SIGRTMIN + 5;
}

[[noreturn]] void end_group() {
  kill(0, SIGKILL);
  _exit(kCannotRun);  // not reached: the group has this process
}

void tell(const char* how, int number) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%s %d\n", how, number);
  // A pipe takes so few bytes at once or fails because the worker is gone, and then nobody listens.
  [[maybe_unused]] const auto written = write(kStatusPipe, text, static_cast<std::size_t>(length));
}

[[noreturn]] void run(char** argv, const sigset_t& before, pid_t guard) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != guard) _exit(kCannotRun);  // it died before it could be asked to tell
  sigprocmask(SIG_SETMASK, &before, nullptr);
  execvp(argv[0], argv);
  std::fprintf(stderr, "cannot run '%s': %s\n", argv[0], std::strerror(errno));
  _exit(kCannotRun);
}

/// SIGTERM to the group is for the command; the guard stays to tell how it ended.
void await(pid_t command, const sigset_t& awaited) {
  while (true) {
    int signal = 0;
    if (sigwait(&awaited, &signal) != 0) continue;
    if (signal == worker_died_signal()) end_group();
    int status = 0;
    if (signal != SIGCHLD || waitpid(command, &status, WNOHANG) != command) continue;
    if (WIFSIGNALED(status)) {
      tell("signal", WTERMSIG(status));
    } else {
      tell("exit", WEXITSTATUS(status));
    }
    end_group();
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
  if (getpgrp() != getpid()) {
    std::fprintf(stderr,
                 "baton-command-guard: not the leader of a process group: it would kill its caller's\n");
    return 2;
  }
  sigset_t awaited, before;
  sigemptyset(&awaited);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, worker_died_signal()})
    sigaddset(&awaited, signal);
  sigprocmask(SIG_BLOCK, &awaited, &before);

  prctl(PR_SET_PDEATHSIG, worker_died_signal());
  if (getppid() != std::atoi(argv[1])) end_group();  // the worker died before the line above
  fcntl(kStatusPipe, F_SETFD, FD_CLOEXEC);
  close_range(kStatusPipe + 1, ~0U, 0);  // what a library of the worker opened without CLOEXEC

  const pid_t guard = getpid();
  const pid_t command = fork();
  if (command == 0) run(argv + 3, before, guard);
  if (command < 0) {
    std::fprintf(stderr, "cannot run '%s': %s\n", argv[3], std::strerror(errno));
    tell("exit", kCannotRun);
    end_group();
  }
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(descriptor);
  await(command, awaited);
}
