#include "client/command/process.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string>

#include "client/command/profiles.h"
#include "client/command/words/completion_script.h"

namespace baton::client {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

void end_by_signal(int) {
  ::_exit(static_cast<int>(Ended::Stopped));
}

void end_without_names(int) {
  ::_exit(static_cast<int>(Ended::Success));
}

constexpr unsigned kTabSeconds = 2;

}  // namespace

Invocation invocation_of(int argc, char** argv) {
  Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  invocation.api = variable("BATON_API");
  invocation.profile = variable("BATON_PROFILE");
  invocation.profiles_file = profiles_file(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME"));
  invocation.no_color = !variable("NO_COLOR").empty();
  invocation.terminal = ::isatty(STDOUT_FILENO) == 1;
  return invocation;
}

void end_by_signals() {
  std::signal(SIGINT, end_by_signal);
  std::signal(SIGTERM, end_by_signal);
}

void end_soon_behind_tab(const Invocation& invocation) {
  if (invocation.arguments.empty() || invocation.arguments.front() != kCompleteWord) return;
  std::signal(SIGALRM, end_without_names);
  ::alarm(kTabSeconds);
}

int exit_code(Ended ended, std::ostream& out, std::ostream& err) {
  const bool was_good = out.good();  // otherwise nobody knows any more what an earlier write failed of
  errno = 0;
  if (!out.flush() && ended == Ended::Success) {
    err << "baton: not all of what was found could be written"
        << (was_good && errno ? std::string(": ") + std::strerror(errno) : std::string())
        << "\n  hint: is there room where it is to be written?" << std::endl;
    ended = Ended::FlowFailed;
  }
  return static_cast<int>(ended);
}

}  // namespace baton::client
