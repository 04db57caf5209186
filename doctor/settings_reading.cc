#include "doctor/settings_reading.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <regex>

#include "common/postgres/conninfo.h"
#include "common/runtime/settings.h"
#include "common/runtime/settings_file.h"
#include "conductor/conductor_settings.h"
#include "worker/worker_settings.h"

namespace baton::doctor {
namespace {

using runtime::Settings;
namespace conductors = conductor::settings;
namespace workers = worker::settings;

void read_common(const Settings& given, SettingsSeen& seen) {
  seen.zookeeper_hosts = given.get(runtime::kZooKeeperHosts);
  seen.session_timeout = given.get(runtime::kZooKeeperSessionTimeout);
  seen.fleet_path = given.get(runtime::kZooKeeperRoot);
  seen.brokers = given.get(runtime::kKafkaBrokers);
  seen.topic_prefix = given.get(runtime::kKafkaTopicPrefix);
  seen.runtime_folder = given.get(runtime::kRuntimeFolder);
}

void read_conductors(const Settings& given, SettingsSeen& seen) {
  seen.board_path = given.get(conductors::kBoard);
  seen.board_shards = given.get(conductors::kBoardShards);
  seen.partitions = given.get(conductors::kPartitions);
  seen.replication = given.get(conductors::kReplication);
  seen.conninfo = given.get(conductors::kPostgres);
  seen.schema = given.get(conductors::kSchema);
  seen.api_address = given.get(conductors::kApiAddress);
  seen.api_port = given.get(conductors::kApiPort);
  if (const auto parsed = postgres::parse_conninfo(seen.conninfo); !parsed.ok())
    seen.conninfo_problem = parsed.error();
  if (!postgres::is_schema_name(seen.schema))
    seen.schema_problem = postgres::schema_name_problem(seen.schema);
}

void read_workers(const Settings& given, SettingsSeen& seen) {
  const auto& programs = given.get(workers::kCommandPrograms);
  seen.runs_any_program = std::find(programs.begin(), programs.end(), "*") != programs.end();
}

/// In either form of a connection string.
bool names_password(const std::string& conninfo) {
  static const std::regex kPair("(^|[ ?&])password *="), kUri("://[^/@]*:[^/@]+@");
  return std::regex_search(conninfo, kPair) || std::regex_search(conninfo, kUri);
}

bool has(const std::vector<runtime::SettingSpec>& schema, const std::string& name) {
  return std::any_of(schema.begin(), schema.end(), [&](const auto& spec) { return spec.name == name; });
}

/// A line that a program of the one kind knows and one of the other does not; a mistyped name tells by its
/// section.
bool tells(const std::vector<runtime::SettingsLine>& lines, std::string_view section,
           const std::vector<runtime::SettingSpec>& schema, const std::vector<runtime::SettingSpec>& others) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
    return line.name.starts_with(section) || (has(schema, line.name) && !has(others, line.name));
  });
}

bool holds_password(const std::vector<runtime::SettingsLine>& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const auto& line) {
    if (line.name != conductors::kPostgres.name || !line.value) return false;
    const auto* text = std::get_if<std::string>(&*line.value);
    return text && names_password(*text);
  });
}

}  // namespace

SettingsSeen read_settings(const std::string& file, const std::function<const char*(const char*)>& getenv) {
  SettingsSeen seen;
  seen.file = file;
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !std::ifstream(file)) {
    seen.trouble = std::string("cannot be read: ") + std::strerror(errno);
    return seen;
  }
  seen.mode = status.st_mode & 07777u;
  const auto lines = runtime::read_settings_file(file);
  if (!lines.ok()) {
    // A text that is no TOML is not known to hold no password.
    seen.holds_password = true;
    seen.mistakes = lines.error().message;
    return seen;
  }
  seen.worker = tells(*lines, "worker.", workers::all(), conductors::all());
  seen.told = seen.worker || tells(*lines, "conductor.", conductors::all(), workers::all());
  seen.holds_password = holds_password(*lines);
  Settings given(seen.worker ? workers::all() : conductors::all());
  auto read = given.read_file(file);
  if (read.ok()) read = given.read_environment(getenv);
  if (!read.ok()) {
    seen.mistakes = read.error().message;
    return seen;
  }
  read_common(given, seen);
  if (seen.told) seen.worker ? read_workers(given, seen) : read_conductors(given, seen);
  return seen;
}

}  // namespace baton::doctor
