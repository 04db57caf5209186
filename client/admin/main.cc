#include <cstdlib>
#include <iostream>

#include "client/command/command_line.h"
#include "client/command/process.h"
#include "client/command/refusal.h"
#include "common/kafka/topics.h"
#include "common/model/version.h"
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

/// A conductor's settings: the file, and the environment on top.
Result<runtime::Settings, runtime::SettingsError> read_settings(const std::string& file) {
  runtime::Settings read(settings::all());
  if (auto known = read.read_file(file); !known.ok()) return Fail(known.error());
  if (auto known = read.read_environment(::getenv); !known.ok()) return Fail(known.error());
  return read;
}

AdminEnd migrate(const std::string& file, bool dry_run, const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  const auto& schema = given->get(settings::kSchema);
  const auto done = (dry_run ? postgres::plan_migration : postgres::migrate)(
      given->get(settings::kPostgres), schema,
      [&](std::string_view line) { say(std::string(line) + (dry_run ? " would be applied" : "")); });
  if (!done.ok()) {
    const bool away = done.error().code == ports::StoreErrorCode::Unavailable;
    return {away ? Ended::Unreachable : Ended::Refused, done.error().message, {}};
  }
  const bool same = done->found == done->now;
  if (dry_run)
    say("schema " + schema + ": version " + std::to_string(done->found) +
        (same ? ", nothing to do" : ", would be " + std::to_string(done->now) + "; nothing was changed"));
  else
    say("schema " + schema + ": version " + std::to_string(done->now) + (same ? ", as before" : ""));
  boost::json::object told{{"schema", schema}, {"version", done->now}, {"found", done->found}};
  if (dry_run) told["dry_run"] = true;
  return {Ended::Success, "", std::move(told)};
}

AdminEnd away_or_refused(const ports::BusError& error) {
  const bool away = error.code == ports::BusErrorCode::Unavailable;
  return {away ? Ended::Unreachable : Ended::Refused, error.message, {}};
}

AdminEnd plan_topics(const kafka::KafkaSettings& bus, std::int32_t partitions, std::int16_t replication,
                     const Admin::Say& say) {
  const auto missing = kafka::missing_topics(bus, partitions, replication);
  if (!missing.ok()) return away_or_refused(missing.error());
  for (const auto& topic : *missing)
    say("topic " + topic + ": would be made, with " + std::to_string(partitions) + " partitions");
  if (missing->empty()) say("topics of " + bus.topic_prefix + ": both there, nothing to do");
  boost::json::object told{{"missing", boost::json::array(missing->begin(), missing->end())},
                           {"dry_run", true}};
  return {Ended::Success, "", std::move(told)};
}

AdminEnd make_topics(const std::string& file, bool dry_run, const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  kafka::KafkaSettings bus;
  bus.brokers = given->get(runtime::kKafkaBrokers);
  bus.topic_prefix = given->get(runtime::kKafkaTopicPrefix);
  const auto partitions = static_cast<std::int32_t>(given->get(settings::kPartitions));
  const auto replication = static_cast<std::int16_t>(given->get(settings::kReplication));
  if (dry_run) return plan_topics(bus, partitions, replication, say);
  auto done = kafka::create_topics(bus, partitions, replication);
  if (done.ok()) done = kafka::check_limits(bus);
  if (!done.ok()) return away_or_refused(done.error());
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
  return doctor::run({kBatonVersion, runtime::beside_program("baton"), ::getenv, leave}, context, options);
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
  client::end_by_signals();
  const auto ended =
      client::run_command(client::invocation_of(argc, argv), {migrate, make_topics, see_doctor}, no_local(),
                          std::cout, std::cerr);
  return client::exit_code(ended, std::cout, std::cerr);
}
