#include "worker/command_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "common/runtime/program_path.h"
#include "worker/child_process.h"

extern char** environ;

namespace baton::worker {
namespace {

using Moment = std::chrono::steady_clock::time_point;

/// The worker's environment with some variables replaced.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& ours) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    if (ours.find(std::string(text.substr(0, text.find('=')))) == ours.end()) all.emplace_back(text);
  }
  for (const auto& [name, value] : ours) all.push_back(name + "=" + value);
  return all;
}

/// The conversation with one command, in the thread of its task.
class Conversation {
 public:
  Conversation(ChildProcess& child, const CommandRun& run, Millis grace, const Descriptor& cancelled)
      : child_(child), unsent_(run.input), grace_(grace), cancelled_(cancelled) {
    if (run.timeout.count() > 0) deadline_ = std::chrono::steady_clock::now() + run.timeout;
  }

  CommandEnd hold() {
    while (child_.status.open()) wait_and_serve();
    // The guard and all below it are dead; what they wrote before is still in the pipes.
    read(child_.output, [this](std::string_view part) { keep_output(part); });
    read(child_.errors, [this](std::string_view part) { keep_errors(part); });
    return finish();
  }

 private:
  void wait_and_serve() {
    std::array<pollfd, 5> watched{{{child_.status.number(), POLLIN, 0},
                                   {child_.output.number(), POLLIN, 0},
                                   {child_.errors.number(), POLLIN, 0},
                                   {child_.input.number(), POLLOUT, 0},
                                   {ending_ ? -1 : cancelled_.number(), POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), milliseconds_left());
    if (ready == 0) return on_deadline();
    if (ready < 0) return;  // EINTR: again
    if (watched[4].revents != 0) end_softly(CommandEnd::How::Cancelled);
    if (watched[3].revents != 0) write_input();
    if (watched[1].revents != 0) read(child_.output, [this](std::string_view part) { keep_output(part); });
    if (watched[2].revents != 0) read(child_.errors, [this](std::string_view part) { keep_errors(part); });
    if (watched[0].revents != 0) read(child_.status, [this](std::string_view part) { status_ += part; });
  }

  int milliseconds_left() const {
    if (!deadline_) return -1;
    const auto left = std::chrono::ceil<Millis>(*deadline_ - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }

  void on_deadline() {
    if (!deadline_ || std::chrono::steady_clock::now() < *deadline_) return;
    if (!ending_) return end_softly(CommandEnd::How::TimedOut);
    child_.end_now();  // and when all have ended, the status pipe does
    deadline_.reset();
  }

  void end_softly(CommandEnd::How why) {
    ending_ = why;
    child_.ask_to_end();
    deadline_ = std::chrono::steady_clock::now() + grace_;
  }

  void write_input() {
    const auto written = ::write(child_.input.number(), unsent_.data(), unsent_.size());
    if (written > 0) unsent_.remove_prefix(static_cast<std::size_t>(written));
    const bool refused = written < 0 && errno != EAGAIN && errno != EINTR;  // it reads no more: its choice
    if (refused || unsent_.empty()) child_.input.close();
  }

  /// All that is there, but no more than a pipe holds at once: a command that never stops writing must not
  /// keep us from its deadline.
  template <class Keep>
  static void read(Descriptor& from, Keep&& keep) {
    std::array<char, 16'384> part;
    for (int parts = 0; parts < 64 && from.open(); ++parts) {
      const auto count = ::read(from.number(), part.data(), part.size());
      if (count > 0) {
        keep(std::string_view(part.data(), static_cast<std::size_t>(count)));
      } else if (count == 0) {
        from.close();
      } else if (errno != EINTR) {
        return;  // nothing there now
      }
    }
  }

  /// Read on and dropped behind the limit, so that the command is not stuck writing.
  void keep_output(std::string_view part) {
    end_.output.append(part.substr(0, CommandLauncher::kOutputBytesMax - end_.output.size()));
  }
  void keep_errors(std::string_view part) {
    end_.errors.append(part);
    if (end_.errors.size() > 2 * CommandLauncher::kErrorsBytesMax) cut_errors();
  }
  void cut_errors() {
    if (end_.errors.size() > CommandLauncher::kErrorsBytesMax)
      end_.errors.erase(0, end_.errors.size() - CommandLauncher::kErrorsBytesMax);
  }

  CommandEnd finish() {
    cut_errors();
    const auto space = status_.find(' ');
    const bool told = space != std::string::npos;
    end_.number = told ? std::atoi(status_.c_str() + space) : SIGKILL;  // killed by its guard
    end_.how = told && status_.starts_with("exit") ? CommandEnd::How::Exited : CommandEnd::How::Signalled;
    // Done all the same is done: a cancel that came too late takes nothing back.
    if (ending_ && !(end_.how == CommandEnd::How::Exited && end_.number == 0)) end_.how = *ending_;
    return std::move(end_);
  }

  ChildProcess& child_;
  std::string_view unsent_;
  const Millis grace_;
  const Descriptor& cancelled_;
  std::optional<Moment> deadline_;         // of the run, or of the grace
  std::optional<CommandEnd::How> ending_;  // SIGTERM was sent, and why
  std::string status_;
  CommandEnd end_;
};

}  // namespace

Result<CommandEnd, std::string> CommandLauncher::run(const CommandRun& run, TaskControl& control) const {
  std::vector<std::string> argv{guard_, std::to_string(::getpid()), "--"};
  if (!run.cwd.empty()) {
    // posix_spawn's own chdir would move the guard; env(1) does it behind it, with a message of its own.
    for (const char* word : {"env", "--chdir"}) argv.emplace_back(word);
    argv.push_back(run.cwd);
    argv.emplace_back("--");
  }
  argv.insert(argv.end(), run.argv.begin(), run.argv.end());

  const Descriptor cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  auto child = ChildProcess::start(argv, environment_with(run.env), alive_);
  if (!child.ok()) return Fail(child.error());
  control.on_cancel([&cancelled] { ::eventfd_write(cancelled.number(), 1); });
  CommandEnd end = Conversation(child.value(), run, grace_, cancelled).hold();
  control.on_cancel(nullptr);
  return end;
}

std::string CommandLauncher::guard_beside_program() {
  return runtime::beside_program("baton-command-guard");
}

}  // namespace baton::worker
