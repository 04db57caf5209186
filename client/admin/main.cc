#include <cstdlib>
#include <iostream>

#include "client/command/command_line.h"
#include "client/command/process.h"
#include "client/command/refusal.h"
#include "common/kafka/topics.h"
#include "common/model/name_list.h"
#include "common/model/version.h"
#include "common/postgres/migrator.h"
#include "common/postgres/pruner.h"
#include "common/runtime/program_path.h"
#include "common/runtime/settings.h"
#include "common/zookeeper/board_shards.h"
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

constexpr Millis kZooKeeperWait{10'000};  // for a session

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
  const auto& conninfo = given->get(settings::kPostgres);
  const auto tell = [&](std::string_view line) {
    say(std::string(line) + (dry_run ? " would be applied" : ""));
  };
  const auto done =
      dry_run ? postgres::plan_migration(conninfo, schema, tell) : postgres::migrate(conninfo, schema, tell);
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
    say("topic " + topic + ": would be made, with " + counted(partitions, "partition"));
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

std::string text_of(const postgres::PrunedPartition& part, bool dry_run) {
  const std::string size = part.name + " (about " + counted(part.rows, "row") + ", " +
                           std::to_string(part.bytes / 1024) + " KiB): ";
  if (part.busy) return size + "is to be dropped, but was never free for a moment: run this again";
  if (part.kept_for.empty()) return size + (dry_run ? "would be dropped" : "dropped");
  const std::string went = part.pruned_rows == 1 ? " has gone" : " have gone";
  return size + "stays for job " + part.kept_for + "; " + counted(part.pruned_rows, "row") +
         " of jobs that are gone" + (dry_run ? " would go" : went);
}

void tell(const postgres::StayingJobs& staying, const std::string& why, const Admin::Say& say) {
  if (staying.jobs > 0)
    say(std::to_string(staying.jobs) + " more that ended before then " +
        (staying.jobs == 1 ? "stays: " : "stay: ") + why + " (job " + staying.first +
        (staying.jobs > 1 ? ", …)" : ")"));
}

void tell(const postgres::PruneOutcome& done, bool dry_run, const Admin::Say& say) {
  say("jobs that ended before " + done.before + ": " + std::to_string(done.jobs) + ", with " +
      counted(done.atoms, "atom") + ", " + (dry_run ? "would go" : "have gone"));
  for (const auto& part : done.partitions) say(text_of(part, dry_run));
  if (done.default_rows > 0)
    say("history_default: " + counted(done.default_rows, "row") + " of jobs that are gone, deleted");
  tell(done.busy, "held by another session, or over only since this began; run this again", say);
  tell(done.on_board, "nobody has noted that their nodes have left the board", say);
  tell(done.for_order, "an order for them is open", say);
  tell(done.for_call, "a call of a hook is still to be made; see baton hooks list", say);
}

boost::json::object to_json(const postgres::StayingJobs& staying) {
  return {{"jobs", staying.jobs}, {"first", staying.first}};
}

boost::json::object to_json(const postgres::PruneOutcome& done, bool dry_run) {
  boost::json::array parts;
  for (const auto& part : done.partitions)
    parts.push_back({{"name", part.name},
                     {"rows", part.rows},
                     {"bytes", part.bytes},
                     {"kept_for", part.kept_for},
                     {"pruned_rows", part.pruned_rows},
                     {"busy", part.busy}});
  boost::json::object told{{"dry_run", dry_run},
                           {"before", done.before},
                           {"jobs", done.jobs},
                           {"atoms", done.atoms},
                           {"partitions", parts},
                           {"stay",
                            {{"busy", to_json(done.busy)},
                             {"on_board", to_json(done.on_board)},
                             {"for_order", to_json(done.for_order)},
                             {"for_call", to_json(done.for_call)}}}};
  if (!dry_run) told["default_rows"] = done.default_rows;  // a dry run does not look
  return told;
}

AdminEnd prune(const std::string& file, std::chrono::seconds older_than, bool dry_run,
               const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  if (const auto wrong = postgres::too_young(older_than))
    return {Ended::Usage, "--older-than is " + *wrong, {}};
  const auto done =
      postgres::prune({given->get(settings::kPostgres), given->get(settings::kSchema), older_than, dry_run});
  if (!done.ok()) {
    const bool away = done.error().code == ports::StoreErrorCode::Unavailable;
    return {away ? Ended::Unreachable : Ended::Refused, done.error().message, {}};
  }
  tell(*done, dry_run, say);
  return {Ended::Success, "", to_json(*done, dry_run)};
}

AdminEnd change_shards(const std::string& file, bool dry_run, const Admin::Say& say) {
  const auto given = read_settings(file);
  if (!given.ok()) return {Ended::Usage, given.error().message, {}};
  const std::string& board = given->get(settings::kBoard);
  const auto to = static_cast<std::size_t>(given->get(settings::kBoardShards));
  const auto done = zookeeper::change_shards({given->get(runtime::kZooKeeperHosts),
                                              given->get(runtime::kZooKeeperSessionTimeout), kZooKeeperWait,
                                              board, given->get(runtime::kZooKeeperRoot), to, dry_run});
  if (!done.ok()) {
    const bool away = done.error().code == ports::BoardErrorCode::Unavailable;
    return {away ? Ended::Unreachable : Ended::Refused, done.error().message, {}};
  }
  const std::string now = done->found == to ? ", as before" : dry_run ? " would be" : " now";
  say("board " + board + ": " +
      (done->there ? counted(static_cast<std::int64_t>(to), "folder") + now
                   : "nobody has used it: the first conductor notes its number"));
  for (const auto& [folder, jobs] : done->strays)
    say("somebody has posted " + counted(static_cast<std::int64_t>(jobs), "job") + " to " + folder +
        " meanwhile, where nobody looks any more: post them again to the API, and remove the nodes");
  if (!done->trouble.empty())
    say("whether somebody has posted meanwhile where nobody looks any more is not known: " + done->trouble +
        "\n  hint: baton doctor looks again");
  boost::json::object told{{"board", board}, {"shards", to}, {"found", done->found}};
  if (dry_run) told["dry_run"] = true;
  return {Ended::Success, "", std::move(told)};
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
  const auto ended = client::run_command(client::invocation_of(argc, argv),
                                         {migrate, make_topics, see_doctor, prune, change_shards}, no_local(),
                                         std::cout, std::cerr);
  return client::exit_code(ended, std::cout, std::cerr);
}
