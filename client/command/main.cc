#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "client/api_address.h"
#include "client/command/command_line.h"
#include "common/kafka/topics.h"
#include "common/postgres/migrator.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/settings.h"
#include "conductor/conductor_settings.h"

/// baton: the command. Only `baton admin` touches a server itself.
namespace {

using namespace baton;
using client::Ended;
using runtime::ExitCode;
namespace settings = conductor::settings;

static_assert(static_cast<int>(Ended::FlowFailed) == runtime::to_int(ExitCode::FlowFailed) &&
              static_cast<int>(Ended::Usage) == runtime::to_int(ExitCode::Usage) &&
              static_cast<int>(Ended::Unreachable) == runtime::to_int(ExitCode::Unreachable) &&
              static_cast<int>(Ended::Refused) == runtime::to_int(ExitCode::Refused));

/// A conductor's settings: the file, and the environment on top.
Result<runtime::Settings, runtime::SettingsError> read_settings(const std::string& file) {
  runtime::Settings read(settings::all());
  if (auto known = read.read_file(file); !known.ok()) return Fail(known.error());
  if (auto known = read.read_environment(::getenv); !known.ok()) return Fail(known.error());
  return read;
}

Ended usage(const std::string& message, std::ostream& err) {
  err << "baton: " << message << '\n';
  return Ended::Usage;
}

Ended migrate(const std::string& file, std::ostream& out, std::ostream& err) {
  const auto given = read_settings(file);
  if (!given.ok()) return usage(given.error().message, err);
  const auto done = postgres::migrate(given->get(settings::kPostgres), given->get(settings::kSchema),
                                      [&out](std::string_view line) { out << line << std::endl; });
  if (done.ok()) {
    out << "schema " << given->get(settings::kSchema) << ": version " << done->now
        << (done->found == done->now ? ", as before" : "") << std::endl;
    return Ended::Success;
  }
  err << "baton: " << done.error().message << '\n';
  return done.error().code == ports::StoreErrorCode::Unavailable ? Ended::Unreachable : Ended::Refused;
}

Ended make_topics(const std::string& file, std::ostream& out, std::ostream& err) {
  const auto given = read_settings(file);
  if (!given.ok()) return usage(given.error().message, err);
  kafka::KafkaSettings bus;
  bus.brokers = given->get(runtime::kKafkaBrokers);
  bus.topic_prefix = given->get(runtime::kKafkaTopicPrefix);
  auto done = kafka::create_topics(bus, static_cast<std::int32_t>(given->get(settings::kPartitions)),
                                   static_cast<std::int16_t>(given->get(settings::kReplication)));
  if (done.ok()) done = kafka::check_limits(bus);
  if (done.ok()) {
    out << "topics " << bus.topic_prefix << ".requests and " << bus.topic_prefix << ".replies: there"
        << std::endl;
    return Ended::Success;
  }
  err << "baton: " << done.error().message << '\n';
  return done.error().code == ports::BusErrorCode::Unavailable ? Ended::Unreachable : Ended::Refused;
}

}  // namespace

int main(int argc, char** argv) {
  const char* api = std::getenv("BATON_API");
  client::Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  invocation.api = api ? api : client::kDefaultApi;
  invocation.terminal = ::isatty(STDOUT_FILENO) == 1;
  return static_cast<int>(client::run_command(invocation, {migrate, make_topics}, std::cout, std::cerr));
}
