#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "common/failpoints/failing_bus.h"
#include "common/kafka/kafka_message_bus.h"
#include "common/model/version.h"
#include "common/modules/module_set.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/command_line.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/log.h"
#include "common/runtime/os_entropy.h"
#include "common/runtime/runtime_folder.h"
#include "common/runtime/server_settings.h"
#include "common/runtime/service_notifier.h"
#include "common/runtime/signals.h"
#include "common/runtime/spare_memory.h"
#include "common/runtime/tasks_at_work.h"
#include "common/zookeeper/directory.h"
#include "common/zookeeper/session.h"
#include "worker/command_task.h"
#include "worker/module_task.h"
#include "worker/thread_executor.h"
#include "worker/worker.h"
#include "worker/worker_settings.h"

/// baton-worker: the real adapters, wired.
namespace {

using namespace baton;
using namespace baton::worker;
using runtime::ExitCode;

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// What this process runs by its settings, servers aside.
struct Work {
  std::map<std::string, std::string> labels;
  modules::ModuleSet modules;
  TaskRegistry registry;  // behind the modules that its tasks are of
};

/// Module and command tasks, each type once. Commands hold the descriptor `alive` (-1: none) while they run.
/// The error is for people.
Result<void, std::string> fill(TaskRegistry& registry, modules::ModuleSet& modules,
                               const runtime::Settings& given, int alive) {
  const auto& guard = given.get(settings::kCommandGuard);
  const CommandLauncher launcher(guard.empty() ? CommandLauncher::guard_beside_program() : guard, alive);
  const auto allowed = AllowedPrograms::read(given.get(settings::kCommandPrograms));
  if (!allowed.ok()) return Fail(allowed.error());
  Result<void, std::string> added;
  if (!allowed->none())
    added =
        registry.add("command", "worker.command_programs", std::make_unique<CommandTask>(launcher, *allowed));
  for (const auto& file : given.get(settings::kModules))
    if (auto loaded = modules.load(file); !loaded.ok()) return Fail(loaded.error().message);
  for (const auto& [type, entry] : modules.tasks())
    if (added =
            registry.add(type, "module '" + entry.module + "'", std::make_unique<ModuleTask>(*entry.type));
        !added.ok())
      return added;
  for (const auto& file : given.get(settings::kCommands)) {
    const auto commands = read_commands_file(file);
    if (!commands.ok()) return Fail(commands.error());
    for (const auto& [type, spec] : commands.value())
      if (added = registry.add(type, file, std::make_unique<CommandTask>(launcher, spec)); !added.ok())
        return added;
  }
  return {};
}

Result<std::map<std::string, std::string>, std::string> labels(const runtime::Settings& given) {
  std::map<std::string, std::string> labels;
  for (const auto& text : given.get(settings::kLabels)) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Fail("worker.labels: '" + text + "' is no label\n  hint: write key=value, such as zone=eu");
    labels[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return labels;
}

/// For people; empty: nothing is wrong.
std::string load(Work& work, const runtime::Settings& given, int alive) {
  const auto labelled = labels(given);
  if (!labelled.ok()) return labelled.error();
  work.labels = labelled.value();
  const auto filled = fill(work.registry, work.modules, given, alive);
  return filled.ok() ? std::string{} : filled.error();
}

std::string problem_of(const runtime::Settings& given) {
  Work work;
  return load(work, given, -1);
}

RunnerLimits limits(const runtime::Settings& given) {
  return {.slots = static_cast<std::uint32_t>(given.get(settings::kSlots)),
          .prefetch = static_cast<std::uint32_t>(given.get(settings::kPrefetch)),
          .report_interval = given.get(settings::kReportInterval),
          .answers_max = static_cast<std::size_t>(given.get(settings::kAnswersMax)),
          .answer_bytes_max = static_cast<std::size_t>(given.get(settings::kAnswerBytesMax))};
}

int usage(const std::string& what) {
  std::cerr << "baton-worker: " << what << std::endl;
  return runtime::to_int(ExitCode::Usage);
}

runtime::Program program() {
  return {"baton-worker",
          "Runs the tasks that Baton's conductors place here.",
          kBatonVersion,
          settings::all(),
          "/etc/baton/worker.toml",
          problem_of};
}

std::optional<runtime::TasksAtWork> tasks_at_work(const std::optional<runtime::RuntimeFolder>& folder,
                                                  std::uint32_t slots, const runtime::Log& log) {
  if (!folder) return std::nullopt;
  auto opened = runtime::TasksAtWork::open(folder->tasks_file(), slots);
  if (opened.ok()) return std::move(opened).value();
  log.warning("which task is to blame for a death of this process will not be known",
              {{"why", opened.error()}});
  return std::nullopt;
}

/// Serves until it is drained or told to stop.
ExitCode serve(const runtime::Settings& given, const ports::Advert& about, const TaskRegistry& registry,
               const std::optional<runtime::RuntimeFolder>& folder,
               std::optional<failpoints::Failpoint> failpoint) {
  const runtime::Log log = runtime::Log().with({{"worker", about.name}});
  runtime::AsioLoop loop;
  runtime::ServiceNotifier notifier(loop);
  zookeeper::Session session(
      {.hosts = given.get(runtime::kZooKeeperHosts),
       .timeout = given.get(runtime::kZooKeeperSessionTimeout),
       .file = folder ? folder->session_file() : "",
       .death_note = zookeeper::death_note_path(given.get(runtime::kZooKeeperRoot), about.incarnation),
       .note = [&log](const std::string& text) { log.warning(text); }},
      loop, loop);
  zookeeper::ZooKeeperDirectory directory(session,
                                          {.root = given.get(runtime::kZooKeeperRoot), .entities = ""});
  kafka::KafkaSettings bus_settings;
  bus_settings.brokers = given.get(runtime::kKafkaBrokers);
  bus_settings.topic_prefix = given.get(runtime::kKafkaTopicPrefix);
  bus_settings.client_id = "baton-worker-" + about.name;
  bus_settings.on_notice = [&log](std::string_view what, std::string_view why) {
    log.warning(what, {{"why", why}});
  };
  kafka::KafkaMessageBus bus(loop.io_context(), loop, loop, bus_settings);
  std::optional<failpoints::FailingBus> failing_bus;
  if (failpoint) failing_bus.emplace(bus, *failpoint);
  ports::MessageBus& spoken = failing_bus ? static_cast<ports::MessageBus&>(*failing_bus) : bus;
  auto at_work = tasks_at_work(folder, limits(given).slots, log);
  const runtime::CrashStack of_the_loop;  // what overflows it is no death from outside
  ThreadExecutor tasks(loop, registry, limits(given).slots, at_work ? &*at_work : nullptr);

  ExitCode code = ExitCode::Success;
  const auto ended = [&](Worker::End how, const std::string& why) {
    if (how == Worker::End::Refused) {
      log.error("the servers do not fit", {{"why", why}});
      code = ExitCode::Refused;
    }
    if (how == Worker::End::DrainedLate) code = ExitCode::Stopped;
    loop.stop();
  };
  Worker worker({spoken, loop, loop, directory, tasks}, limits(given), about, registry.types(),
                {.ready = [&] { notifier.ready("serving"); }, .ended = ended});
  const runtime::SpareMemory spare(loop, [&] {
    const auto now = worker.figures();
    return 3 * now.started - now.running - now.unrecorded;  // changes with starts, ends and what is recorded
  });
  const runtime::Signals signals(
      loop,
      [&] {
        notifier.stopping();
        worker.drain(given.get(settings::kDrain));
      },
      [&] {
        code = ExitCode::Stopped;
        loop.stop();
      });
  worker.start();
  loop.run();
  if (code == ExitCode::Stopped) {
    log.warning("stopped before everything had ended", {{"running", worker.figures().running}});
    // Destroying the threads would wait for their tasks. The guards of commands see this process end.
    ::_exit(runtime::to_int(code));
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const auto read = runtime::read_command_line(program(), runtime::Invocation::of_process(argc, argv),
                                               std::cout, std::cerr);
  if (const auto* code = std::get_if<ExitCode>(&read)) return runtime::to_int(*code);
  const auto& given = std::get<runtime::Settings>(read);
  runtime::start_logging(given);

  runtime::OsEntropy entropy;
  ports::Advert about;
  about.host = host_name();
  about.name = given.get(settings::kName).empty() ? about.host : given.get(settings::kName);
  about.incarnation = Incarnation(entropy.uuid());
  about.version = kBatonVersion;
  about.pid = ::getpid();

  auto failpoint = failpoints::Failpoint::of_environment(::getenv);
  if (!failpoint.ok()) return usage(failpoint.error());
  const auto folder = runtime::RuntimeFolder::of_daemon(given.get(runtime::kRuntimeFolder), ::getenv,
                                                        about.incarnation.value.to_string());
  if (!folder.ok()) {
    runtime::Log().error("the runtime folder cannot be had", {{"why", folder.error()}});
    return runtime::to_int(
        ExitCode::Unreachable);  // a full disk passes, another daemon goes: to be tried again
  }
  const int alive = *folder ? (*folder)->alive() : -1;
  Work work;
  if (const auto problem = load(work, given, alive); !problem.empty()) return usage(problem);
  about.labels = work.labels;
  return runtime::to_int(serve(given, about, work.registry, *folder, *std::move(failpoint)));
}
