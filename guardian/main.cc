#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "common/runtime/exit_codes.h"
#include "guardian/guardian.h"

/// baton-guardian: lets others go on at once when a daemon has died.
namespace {

using namespace baton;
using runtime::ExitCode;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

constexpr const char* kAbout =
    "Waits until a daemon of Baton and its children are dead, then ends the ZooKeeper session that it left, "
    "so that\n"
    "its claims and adverts vanish now and not after the session's timeout. As systemd's ExecStopPost it "
    "needs no\n"
    "arguments.\n\n"
    "  ExecStopPost=/usr/bin/baton-guardian\n"
    "  baton-guardian --folder /run/baton-worker --invocation 3f0c…   # what that life was named by "
    "INVOCATION_ID";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kAbout, "baton-guardian");
  guardian::Life life;
  std::string folder = variable("RUNTIME_DIRECTORY");
  life.invocation = variable("INVOCATION_ID");
  std::int64_t deadline_ms = 10'000;
  app.add_option("--folder", folder, "The daemon's runtime folder [$RUNTIME_DIRECTORY]");
  app.add_option("--invocation", life.invocation, "Which life of it [$INVOCATION_ID]");
  app.add_option("--deadline-ms", deadline_ms, "How long ending the session may take")
      ->capture_default_str()
      ->check(CLI::Range(1, 600'000));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : runtime::to_int(ExitCode::Usage);
  }
  if (folder.empty() || life.invocation.empty()) {
    std::cerr << "baton-guardian: " << (folder.empty() ? "--folder" : "--invocation")
              << " is missing, and the environment does not say it\n  hint: baton-guardian --help\n";
    return runtime::to_int(ExitCode::Usage);
  }
  life.folder = folder;
  const auto done = guardian::look_after(life, Millis{deadline_ms});
  std::cerr << "baton-guardian: " << (done.ok() ? done.value() : done.error()) << std::endl;
  return runtime::to_int(done.ok() ? ExitCode::Success : ExitCode::Unreachable);
}
