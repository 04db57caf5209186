#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "client/api_address.h"
#include "client/command/command_line.h"
#include "client/local/dev.h"
#include "client/local/local_run.h"
#include "common/kafka/topics.h"
#include "common/postgres/migrator.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/settings.h"
#include "conductor/conductor_settings.h"
#include "local/task_slot.h"

/// baton: the command. Only `baton admin` touches a server itself; run and dev need none.
namespace {

using namespace baton;
using client::Admin;
using client::AdminEnd;
using client::Ended;
using runtime::ExitCode;
namespace settings = conductor::settings;

static_assert(static_cast<int>(Ended::FlowFailed) == runtime::to_int(ExitCode::FlowFailed) &&
              static_cast<int>(Ended::Usage) == runtime::to_int(ExitCode::Usage) &&
              static_cast<int>(Ended::Unreachable) == runtime::to_int(ExitCode::Unreachable) &&
              static_cast<int>(Ended::Refused) == runtime::to_int(ExitCode::Refused) &&
              static_cast<int>(Ended::Stopped) == runtime::to_int(ExitCode::Stopped));

/// A conductor's settings: the file, and the environment on top.
Result<runtime::Settings, runtime::SettingsError> read_settings(const std::string& file) {
  runtime::Settings read(settings::all());
  if (auto known = read.read_file(file); !known.ok()) return Fail(known.error());
  if (auto known = read.read_environment(::getenv); !known.ok()) return Fail(known.error());
  return read;
}

AdminEnd migrate(const std::string& file, const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  const auto& schema = given->get(settings::kSchema);
  const auto done = postgres::migrate(given->get(settings::kPostgres), schema, say);
  if (!done.ok()) {
    const bool away = done.error().code == ports::StoreErrorCode::Unavailable;
    return {away ? Ended::Unreachable : Ended::Refused, done.error().message, {}};
  }
  say("schema " + schema + ": version " + std::to_string(done->now) +
      (done->found == done->now ? ", as before" : ""));
  return {Ended::Success, "", {{"schema", schema}, {"version", done->now}, {"found", done->found}}};
}

AdminEnd make_topics(const std::string& file, const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  kafka::KafkaSettings bus;
  bus.brokers = given->get(runtime::kKafkaBrokers);
  bus.topic_prefix = given->get(runtime::kKafkaTopicPrefix);
  auto done = kafka::create_topics(bus, static_cast<std::int32_t>(given->get(settings::kPartitions)),
                                   static_cast<std::int16_t>(given->get(settings::kReplication)));
  if (done.ok()) done = kafka::check_limits(bus);
  if (!done.ok()) {
    const bool away = done.error().code == ports::BusErrorCode::Unavailable;
    return {away ? Ended::Unreachable : Ended::Refused, done.error().message, {}};
  }
  const std::string requests = bus.topic_prefix + ".requests", replies = bus.topic_prefix + ".replies";
  say("topics " + requests + " and " + replies + ": there");
  return {Ended::Success, "", {{"topics", {requests, replies}}}};
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
                             return client::LocalRun(context, options).run();
                           },
                           [](const client::Context& context, const client::RunOptions& options) {
                             return client::LocalRun(context, options).resume();
                           },
                           [](const client::Context& context, const client::RunOptions& options) {
                             return client::LocalRun(context, options).rerun();
                           },
                           client::run_dev};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && argv[1] == std::string_view(local::kSlotWord)) return serve_as_slot(argc, argv);
  const char* api = std::getenv("BATON_API");
  client::Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  invocation.api = api ? api : client::kDefaultApi;
  invocation.terminal = ::isatty(STDOUT_FILENO) == 1;
  return static_cast<int>(
      client::run_command(invocation, {migrate, make_topics}, kLocal, std::cout, std::cerr));
}
