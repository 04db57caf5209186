#include "worker/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/model/assert.h"
#include "common/process/spawn_options.h"
#include "worker/command_guard.h"

namespace baton::worker {
namespace {

using process::make_pipe;
using process::never_block;
using process::Pipe;
using process::spawn_texts;
using process::SpawnOptions;

}  // namespace

Result<ChildProcess, std::string> ChildProcess::start(const std::vector<std::string>& argv,
                                                      const std::vector<std::string>& environment,
                                                      int alive) {
  BATON_ASSERT(alive < 0 || alive > guard::kAlive);  // else a pipe of the child's would overwrite it
  std::array<Pipe, 4> pipes;
  for (auto& pipe : pipes) {
    auto made = make_pipe();
    if (!made.ok()) return Fail(made.error());
    pipe = std::move(made).value();
  }
  auto& [input, output, errors, status] = pipes;
  // The child's ends go above the descriptors that they are moved to, or one move would overwrite another.
  const std::array<Descriptor*, 4> theirs{&input.read, &output.write, &errors.write, &status.write};
  SpawnOptions options;
  for (int target = 0; target < 4; ++target) {
    Descriptor& end = *theirs[static_cast<std::size_t>(target)];
    Descriptor high(::fcntl(end.number(), F_DUPFD_CLOEXEC, 16));
    if (!high.open()) return Fail(std::string("no descriptor: ") + std::strerror(errno));
    end = std::move(high);
    posix_spawn_file_actions_adddup2(&options.files, end.number(), target);
  }
  if (alive >= 0)
    posix_spawn_file_actions_adddup2(&options.files, alive, guard::kAlive);
  else
    posix_spawn_file_actions_addclose(&options.files, guard::kAlive);

  ChildProcess child;
  const int failed = ::posix_spawn(&child.pid_, argv[0].c_str(), &options.files, &options.attributes,
                                   spawn_texts(argv).data(), spawn_texts(environment).data());
  if (failed != 0) {
    child.pid_ = -1;
    return Fail("cannot start " + argv[0] + ": " + std::strerror(failed));
  }
  child.input = std::move(input.write);
  child.output = std::move(output.read);
  child.errors = std::move(errors.read);
  child.status = std::move(status.read);
  for (const Descriptor* ours : {&child.input, &child.output, &child.errors, &child.status})
    never_block(*ours);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : input(std::move(other.input)),
      output(std::move(other.output)),
      errors(std::move(other.errors)),
      status(std::move(other.status)),
      pid_(std::exchange(other.pid_, -1)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  end_now();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::ask_to_end() const {
  ::kill(pid_, guard::kAskToEnd);
}

void ChildProcess::end_now() const {
  ::kill(pid_, guard::kEndNow);
  ::kill(pid_, SIGCONT);  // a guard that somebody has stopped would not hear
}

}  // namespace baton::worker
