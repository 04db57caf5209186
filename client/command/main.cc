#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "client/command/command_line.h"
#include "client/command/process.h"
#include "client/command/refusal.h"
#include "client/local/dev.h"
#include "client/local/local_run.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/program_path.h"
#include "local/task_slot.h"

/// baton: the command. Only `baton admin` and `baton doctor` touch servers themselves (client/admin/main.cc);
/// run and dev need none.
namespace {

using namespace baton;
using client::Admin;
using client::AdminEnd;
using client::Ended;
using client::LocalRun;
using runtime::ExitCode;

static_assert(static_cast<int>(Ended::FlowFailed) == runtime::to_int(ExitCode::FlowFailed) &&
              static_cast<int>(Ended::Usage) == runtime::to_int(ExitCode::Usage) &&
              static_cast<int>(Ended::Unreachable) == runtime::to_int(ExitCode::Unreachable) &&
              static_cast<int>(Ended::Refused) == runtime::to_int(ExitCode::Refused) &&
              static_cast<int>(Ended::Stopped) == runtime::to_int(ExitCode::Stopped));

/// What touches servers is a program of its own, baton-admin beside this one: their client libraries, some
/// thirty, cost ten times as long to load as everything else here. It is given this one's very arguments.
AdminEnd by_baton_admin(char** argv) {
  const std::string program = runtime::beside_program("baton-admin");
  ::execv(program.c_str(), argv);
  return {Ended::Refused,
          "cannot start " + program + ": " + std::strerror(errno) +
              "\n  hint: it belongs beside baton; install both from the same package",
          {}};
}

/// This program as a process slot of `baton run` (local/task_slot.h).
int serve_as_slot(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 3, argv + argc);
  local::TaskTypes types;
  const int alive = ::fcntl(local::kSlotAlive, F_GETFD) >= 0 ? local::kSlotAlive : -1;
  const auto loaded = types.load(local::TaskTypes::files_of(arguments), alive);
  if (loaded.ok()) local::run_task_slot(std::atoi(argv[2]), types.registry);
  std::cerr << "baton: " << loaded.error() << std::endl;
  return runtime::to_int(ExitCode::Usage);
}

const client::Local kLocal{[](const client::Context& context, const client::RunOptions& options) {
                             return LocalRun::once(context, options, &LocalRun::run);
                           },
                           [](const client::Context& context, const client::RunOptions& options) {
                             return LocalRun::once(context, options, &LocalRun::resume);
                           },
                           [](const client::Context& context, const client::RunOptions& options) {
                             return LocalRun::once(context, options, &LocalRun::rerun);
                           },
                           client::run_dev};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && argv[1] == std::string_view(local::kSlotWord)) return serve_as_slot(argc, argv);
  const auto invocation = client::invocation_of(argc, argv);
  client::end_by_signals();
  client::end_soon_behind_tab(invocation);
  const Admin::Do admin = [argv](const auto&, bool, const auto&) { return by_baton_admin(argv); };
  const client::Doctor doctor = [argv](const client::Context& context, const client::DoctorOptions&) {
    const auto end = by_baton_admin(argv);
    return client::refuse_as(context, end.ended, end.wrong);
  };
  const Admin::Prune prune = [argv](const auto&, auto, bool, const auto&) { return by_baton_admin(argv); };
  const auto ended =
      client::run_command(invocation, {admin, admin, doctor, prune, admin}, kLocal, std::cout, std::cerr);
  return client::exit_code(ended, std::cout, std::cerr);
}
