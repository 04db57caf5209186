#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "common/failpoints/failing_bus.h"
#include "common/failpoints/failing_store.h"
#include "common/kafka/kafka_message_bus.h"
#include "common/model/version.h"
#include "common/postgres/flow_store.h"
#include "common/postgres/migrations.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/command_line.h"
#include "common/runtime/crash_marker.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/log.h"
#include "common/runtime/metrics.h"
#include "common/runtime/os_entropy.h"
#include "common/runtime/runtime_folder.h"
#include "common/runtime/service_notifier.h"
#include "common/runtime/signals.h"
#include "common/runtime/spare_memory.h"
#include "common/zookeeper/board_path.h"
#include "common/zookeeper/boards.h"
#include "common/zookeeper/directory.h"
#include "common/zookeeper/session.h"
#include "conductor/api/advertised.h"
#include "conductor/api/api_server.h"
#include "conductor/conductor.h"
#include "conductor/conductor_settings.h"
#include "conductor/hooks/hook_file.h"
#include "conductor/hooks/hook_threads.h"
#include "conductor/modules/module_catalogue.h"
#include "flowfile/disk.h"

/// baton-conductor: the real adapters, wired.
namespace {

using namespace baton;
using namespace baton::conductor;
using runtime::ExitCode;

static_assert(settings::kBoardShards.max == static_cast<std::int64_t>(zookeeper::kShardsMax));

int usage(const std::string& what) {
  std::cerr << "baton-conductor: " << what << std::endl;
  return runtime::to_int(ExitCode::Usage);
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

ports::Member member(const runtime::Settings& given, Incarnation incarnation) {
  ports::Member self;
  self.host = host_name();
  self.name = given.get(settings::kName).empty() ? self.host : given.get(settings::kName);
  self.incarnation = incarnation;
  self.pid = ::getpid();
  self.version = kBatonVersion;
  return self;
}

Bounds bounds(const runtime::Settings& given) {
  Bounds bounds;
  bounds.flows_max = static_cast<std::size_t>(given.get(settings::kFlowsMax));
  bounds.prefetch = static_cast<std::uint32_t>(given.get(settings::kPrefetch));
  bounds.drain_deadline = given.get(settings::kDrain);
  return bounds;
}

postgres::FlowStoreSettings store_settings(const runtime::Settings& given, const std::string& name) {
  return {given.get(settings::kPostgres), given.get(settings::kSchema), "baton-conductor " + name};
}

/// What Postgres' settings can lose stands in the log and in a gauge, and the conductor goes on.
postgres::FlowStoreSettings watched(postgres::FlowStoreSettings store, runtime::Metrics& metrics,
                                    const runtime::Log& log, std::string& risk_now) {
  auto& gauge =
      metrics.gauge("baton_store_can_lose_commits",
                    "1: by its settings Postgres can lose what it has confirmed; the log says how.");
  store.on_risk = [&gauge, &risk_now, log](const std::string& risk) {
    risk_now = risk;
    gauge.set(risk.empty() ? 0 : 1);
    if (risk.empty()) return log.info("Postgres keeps what it confirms");
    log.error("Postgres can lose what it has confirmed", {{"why", risk}});
  };
  return store;
}

/// What it tells of itself beside what the conductor knows; `session` and `risk` are asked each time.
api::TellFacts facts_of(const runtime::Settings& given, const HookBook& hooks,
                        const zookeeper::Session& session, const std::string& risk) {
  api::ProcessFacts told;
  told.agreed_settings = {{"conductor.board_path", given.get(settings::kBoard)},
                          {"conductor.board_shards", std::to_string(given.get(settings::kBoardShards))},
                          {"zookeeper.fleet_path", given.get(runtime::kZooKeeperRoot)},
                          {"kafka.topic_prefix", given.get(runtime::kKafkaTopicPrefix)},
                          {"postgres.schema", given.get(settings::kSchema)},
                          {"hooks", hooks.shown()}};
  told.schema_version = static_cast<int>(postgres::migrations().size());
  told.session_timeout_asked = given.get(runtime::kZooKeeperSessionTimeout);
  return [told, &session, &risk] {
    api::ProcessFacts now = told;
    now.session_timeout = session.timeout();
    if (session.silent_for() != Millis::max()) now.session_silent = session.silent_for();
    now.can_lose = risk;
    return now;
  };
}

kafka::KafkaSettings bus_settings(const runtime::Settings& given, const std::string& name,
                                  const runtime::Log& log) {
  kafka::KafkaSettings bus;
  bus.brokers = given.get(runtime::kKafkaBrokers);
  bus.topic_prefix = given.get(runtime::kKafkaTopicPrefix);
  bus.client_id = "baton-conductor-" + name;
  bus.on_notice = [log](std::string_view what, std::string_view why) { log.warning(what, {{"why", why}}); };
  return bus;
}

Result<zookeeper::BoardPaths, std::string> board_paths(const runtime::Settings& given) {
  return zookeeper::board_paths(given.get(settings::kBoard), given.get(settings::kBoardShards));
}

/// What the settings say beside single values, modules loaded. For people; empty: nothing is wrong.
std::string load(ModuleCatalogue& catalogue, const runtime::Settings& given) {
  if (const auto paths = board_paths(given); !paths.ok()) return paths.error();
  if (auto problem = postgres::PostgresFlowStore::problem_of(store_settings(given, "")); !problem.empty())
    return problem;
  if (auto problem = api::problem_of_advertised(given.get(settings::kApiAdvertised)); !problem.empty())
    return problem;
  const auto loaded = catalogue.load(given.get(settings::kModules));
  return loaded.ok() ? std::string{} : loaded.error();
}

Result<HookBook, std::string> hook_book(const runtime::Settings& given) {
  const std::string& file = given.get(settings::kHooksFile);
  if (file.empty()) return HookBook();
  auto hooks = read_hooks(file, flowfile::from_disk());
  if (!hooks.ok()) return Fail(hooks.error());
  return HookBook(std::move(hooks).value());
}

std::string problem_of(const runtime::Settings& given) {
  ModuleCatalogue catalogue;
  if (auto problem = load(catalogue, given); !problem.empty()) return problem;
  const auto book = hook_book(given);
  return book.ok() ? std::string{} : book.error();
}

/// Serves until it is drained or told to stop.
ExitCode serve(const runtime::Settings& given, const zookeeper::BoardPaths& paths, FlowCatalogue& catalogue,
               const HookBook& hooks, std::optional<failpoints::Failpoint> failpoint) {
  runtime::AsioLoop loop;
  runtime::OsEntropy entropy;
  ports::Member self = member(given, Incarnation(entropy.uuid()));
  const runtime::Log log = runtime::Log().with({{"conductor", self.name}});
  const auto folder = runtime::RuntimeFolder::of_daemon(given.get(runtime::kRuntimeFolder), ::getenv,
                                                        self.incarnation.value.to_string());
  if (!folder.ok()) {
    log.error("the runtime folder cannot be had", {{"why", folder.error()}});
    return ExitCode::Unreachable;  // a full disk passes, another daemon goes: to be tried again
  }
  runtime::ServiceNotifier notifier(loop);
  zookeeper::Session session(
      {.hosts = given.get(runtime::kZooKeeperHosts),
       .timeout = given.get(runtime::kZooKeeperSessionTimeout),
       .file = *folder ? (*folder)->session_file() : "",
       .death_note = zookeeper::death_note_path(given.get(runtime::kZooKeeperRoot), self.incarnation),
       .note = [&log](const std::string& text) { log.warning(text); }},
      loop, loop);
  const std::string owner = self.name + "@" + self.host + ":" + std::to_string(self.pid);
  const auto board_there = zookeeper::make_board(session, paths, owner, self.incarnation, entropy);
  ports::JobBoard& board = *board_there;
  zookeeper::ZooKeeperDirectory directory(
      session, {.root = given.get(runtime::kZooKeeperRoot), .entities = paths.front().entities()});
  runtime::Metrics metrics;
  std::string risk;  // how Postgres can lose what it has confirmed
  postgres::PostgresFlowStore store(loop.io_context(),
                                    watched(store_settings(given, self.name), metrics, log, risk));
  kafka::KafkaMessageBus bus(loop.io_context(), loop, loop, bus_settings(given, self.name, log));
  std::optional<failpoints::FailingStore> failing_store;
  std::optional<failpoints::FailingBus> failing_bus;
  if (failpoint) failing_store.emplace(store, *failpoint), failing_bus.emplace(bus, *failpoint);
  ports::FlowStore& written = failing_store ? static_cast<ports::FlowStore&>(*failing_store) : store;
  ports::MessageBus& spoken = failing_bus ? static_cast<ports::MessageBus&>(*failing_bus) : bus;
  std::optional<runtime::CrashMarker> marker;
  if (*folder) {
    auto opened = runtime::CrashMarker::open((*folder)->marker_file());
    if (opened.ok())
      marker.emplace(std::move(opened).value());
    else
      log.warning("who is to blame for a death of this process will not be known", {{"why", opened.error()}});
  }
  HookThreads hook_threads(loop, loop, flowfile::from_disk());
  Conductor conductor({board, written, spoken, directory, loop, loop, entropy, catalogue,
                       marker ? &*marker : nullptr, &hooks, &hook_threads},
                      self, bounds(given));

  api::ApiSettings where;
  where.address = given.get(settings::kApiAddress);
  where.port = static_cast<std::uint16_t>(given.get(settings::kApiPort));
  api::ApiServer server(loop.io_context(), where,
                        {store, board, conductor, conductor.feed(), catalogue, loop, entropy, metrics,
                         facts_of(given, hooks, session, risk)});
  if (const auto opened = server.open(); !opened.ok()) {
    log.error("the API cannot listen", {{"why", opened.error()}});
    return ExitCode::Unreachable;
  }
  conductor.api_at(
      api::reachable_address(given.get(settings::kApiAdvertised), where.address, server.port(), self.host));

  const runtime::SpareMemory spare(loop, [&] { return conductor.counters().steps; });
  ExitCode code = ExitCode::Success;
  const auto stop_with = [&](ExitCode how) {
    code = how;
    loop.stop();
  };
  const runtime::Signals signals(
      loop,
      [&] {
        notifier.stopping();
        // The API stays until the drain is over: /readyz says it, jobs that are posted wait on the board for
        // others.
        conductor.drain([&](bool clean) {
          server.finish([&, clean] { stop_with(clean ? ExitCode::Success : ExitCode::Stopped); });
        });
      },
      [&] { stop_with(ExitCode::Stopped); });
  conductor.start([&](const std::string& refused) {
    if (refused.empty()) return notifier.ready("serving");
    log.error("the servers do not fit", {{"why", refused}});
    stop_with(ExitCode::Refused);
  });
  loop.run();
  server.close();
  bus.close(Millis{0});
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const runtime::Program program{"baton-conductor",
                                 "Claims jobs and brings their flows to an end through workers.",
                                 kBatonVersion,
                                 settings::all(),
                                 "/etc/baton/conductor.toml",
                                 problem_of};
  const auto read =
      runtime::read_command_line(program, runtime::Invocation::of_process(argc, argv), std::cout, std::cerr);
  if (const auto* code = std::get_if<ExitCode>(&read)) return runtime::to_int(*code);
  const auto& given = std::get<runtime::Settings>(read);
  runtime::start_logging(given);

  auto failpoint = failpoints::Failpoint::of_environment(::getenv);
  if (!failpoint.ok()) return usage(failpoint.error());
  ModuleCatalogue catalogue;
  if (const auto problem = load(catalogue, given); !problem.empty()) return usage(problem);
  const auto hooks = hook_book(given);
  if (!hooks.ok()) return usage(hooks.error());
  return runtime::to_int(serve(given, board_paths(given).value(), catalogue, *hooks, *std::move(failpoint)));
}
