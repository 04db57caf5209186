#include "common/process/bounded_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "common/model/limits.h"
#include "common/model/storable_text.h"
#include "common/process/descriptor.h"
#include "common/process/spawn_options.h"

namespace baton::process {
namespace {

using Moment = std::chrono::steady_clock::time_point;

// A command that writes without end is read no longer than so before its end, its time and the stop are
// looked at again. Behind its end all that a pipe may hold is read (/proc/sys/fs/pipe-max-size), and no more:
// whoever holds it still may write on.
constexpr std::size_t kBytesPerLook = 64 * kKiB;
constexpr std::size_t kBytesAtEnd = kMiB;

// Nothing that an operator may have put a secret into.
constexpr std::array kPassedOn{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"};

/// A command under way, from its start to its end.
class Running {
 public:
  explicit Running(const BoundedCommand& command)
      : command_(command), deadline_(std::chrono::steady_clock::now() + command.timeout) {}

  std::string run() {
    if (auto failed = start(); !failed.empty()) return failed;
    while (!ended_ && why_.empty()) wait_and_serve();
    ::kill(-pid_, SIGKILL);  // also what an ended one has left; before it is reaped the group is still ours
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    read_output(kBytesAtEnd);
    return why_.empty() ? word_of(status) : why_ + said();
  }

 private:
  std::string start() {
    auto input = make_pipe();
    auto output = make_pipe();
    if (!input.ok() || !output.ok()) return input.ok() ? output.error() : input.error();
    SpawnOptions options;
    // Above the descriptors that they are moved to; without CLOEXEC once they are there.
    const Descriptor from(::fcntl(input->read.number(), F_DUPFD_CLOEXEC, 16));
    const Descriptor to(::fcntl(output->write.number(), F_DUPFD_CLOEXEC, 16));
    if (!from.open() || !to.open())  // it would have our own in their place
      return "cannot start " + command_.argv[0] + ": no descriptor is left: " + std::strerror(errno);
    posix_spawn_file_actions_adddup2(&options.files, from.number(), 0);
    posix_spawn_file_actions_adddup2(&options.files, to.number(), 1);
    posix_spawn_file_actions_adddup2(&options.files, to.number(), 2);
    posix_spawn_file_actions_addclosefrom_np(&options.files, 3);
    const int failed =
        ::posix_spawnp(&pid_, command_.argv[0].c_str(), &options.files, &options.attributes,
                       spawn_texts(command_.argv).data(), spawn_texts(command_.environment).data());
    if (failed != 0) return "cannot start " + command_.argv[0] + ": " + std::strerror(failed);
    // Of glibc 2.36 its header is none of C++.
    ended_fd_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    input_ = std::move(input->write);
    output_ = std::move(output->read);
    never_block(input_);
    never_block(output_);
    if (command_.input.empty()) input_.close();
    if (!ended_fd_.open()) why_ = std::string("it cannot be watched: ") + std::strerror(errno);
    return {};
  }

  void wait_and_serve() {
    std::array<pollfd, 4> watched{{{ended_fd_.number(), POLLIN, 0},
                                   {output_.number(), POLLIN, 0},
                                   {input_.number(), POLLOUT, 0},
                                   {command_.stop, POLLIN, 0}}};
    const auto left = std::chrono::ceil<Millis>(deadline_ - std::chrono::steady_clock::now());
    const int ready =
        left <= Millis{0} ? 0 : ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    if (ready == 0)
      why_ = "it had not ended after " + std::to_string(command_.timeout.count()) + " ms and was killed";
    if (ready <= 0) return;
    if (watched[3].revents) why_ = "it was killed: the process that called it has ended";
    if (watched[1].revents) read_output(kBytesPerLook);
    if (watched[2].revents) write_input();
    ended_ = watched[0].revents != 0;
  }

  void write_input() {
    const ssize_t written =
        ::write(input_.number(), command_.input.data() + sent_, command_.input.size() - sent_);
    if (written > 0) sent_ += static_cast<std::size_t>(written);
    const bool refused = written < 0 && errno != EAGAIN && errno != EINTR;  // it need not read all of it
    if (refused || sent_ == command_.input.size()) input_.close();
  }

  void read_output(std::size_t bytes_max) {
    read_ready(output_, bytes_max, [this](std::string_view part) { keep(part); });
  }

  void keep(std::string_view part) {
    output_text_ += part;
    if (output_text_.size() > 2 * kCommandOutputBytesMax)
      output_text_.erase(0, output_text_.size() - kCommandOutputBytesMax);
  }

  std::string said() const {
    std::string text = output_text_;
    if (text.size() > kCommandOutputBytesMax) text.erase(0, text.size() - kCommandOutputBytesMax);
    text.erase(text.find_last_not_of(" \n\r\t") + 1);
    return text.empty() ? "; it said nothing" : "; it said: " + storable_text(text);
  }

  std::string word_of(int status) const {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status)) + said();
    return "it was killed by signal " + std::to_string(WTERMSIG(status)) + said();
  }

  const BoundedCommand& command_;
  const Moment deadline_;
  pid_t pid_ = -1;  // not reaped before the end, so the number is nobody else's
  Descriptor ended_fd_, input_, output_;
  std::size_t sent_ = 0;
  std::string output_text_;
  std::string why_;  // it does not end by itself
  bool ended_ = false;
};

}  // namespace

std::string run_bounded(const BoundedCommand& command) {
  return Running(command).run();
}

std::vector<std::string> plain_environment(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (const char* name : kPassedOn)
    if (const char* value = ::getenv(name)) all.push_back(std::string(name) + "=" + value);
  for (const auto& [name, value] : more) all.push_back(name + "=" + value);
  return all;
}

}  // namespace baton::process
