#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "client/api_address.h"
#include "client/command/command_line.h"
#include "client/command/refusal.h"
#include "common/kafka/topics.h"
#include "common/postgres/migrator.h"
#include "common/runtime/program_path.h"
#include "common/runtime/settings.h"
#include "conductor/conductor_settings.h"
#include "doctor/doctor.h"

/// baton-admin: what of `baton` touches servers itself. `baton admin …` and `baton doctor` become it, with
/// the same arguments.
namespace {

using namespace baton;
using client::Admin;
using client::AdminEnd;
using client::Ended;
namespace settings = conductor::settings;

constexpr const char* kVersion = "0.1.0";

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

/// Questions that nobody has answered are left to themselves: what they use must not be destroyed under them.
void leave(Ended ended) {
  std::cout.flush();
  std::_Exit(static_cast<int>(ended));
}

Ended see_doctor(const client::Context& context, const client::DoctorOptions& options) {
  return doctor::run({kVersion, runtime::beside_program("baton"), ::getenv, leave}, context, options);
}

/// This program links nothing of local mode.
Ended refuse_local(const client::Context& context) {
  return client::refuse_usage(context, "this is baton-admin\n  hint: baton run, resume, rerun and dev");
}

client::Local no_local() {
  const auto refuse = [](const client::Context& context, const auto&) { return refuse_local(context); };
  return {refuse, refuse, refuse, refuse};
}

}  // namespace

int main(int argc, char** argv) {
  const char* api = std::getenv("BATON_API");
  client::Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  invocation.api = api ? api : client::kDefaultApi;
  invocation.terminal = ::isatty(STDOUT_FILENO) == 1;
  return static_cast<int>(
      client::run_command(invocation, {migrate, make_topics, see_doctor}, no_local(), std::cout, std::cerr));
}
