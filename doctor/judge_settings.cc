#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

constexpr unsigned kOthersRead = 0004;
constexpr unsigned kGroupReads = 0040;

std::string octal(unsigned mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", mode & 07777u);
  return text;
}

void judge_permissions(const SettingsSeen& seen, Findings& findings) {
  const std::string mode = "mode " + octal(seen.mode);
  if (!seen.holds_password)
    return findings.ok("settings.permissions", seen.file, mode + ", it holds no password");
  if (seen.mode & kOthersRead)
    return findings.wrong("settings.permissions", seen.file, mode + ": everybody can read the password in it",
                          "chmod 600 " + seen.file + ", and change the password");
  if (seen.mode & kGroupReads)
    return findings.warning("settings.permissions", seen.file,
                            mode + ": its group can read the password in it",
                            "chmod 600 " + seen.file + ", unless the group is meant to");
  findings.ok("settings.permissions", seen.file, mode + ": only its owner reads the password in it");
}

/// A message of the settings: first line what, the others, indented, what to do.
std::pair<std::string, std::string> taken_apart(const std::string& message) {
  std::string what, advice, line;
  std::istringstream lines(message);
  for (bool first = true; std::getline(lines, line); first = false) {
    if (!first) line.erase(0, line.find_first_not_of(' '));
    if (first)
      what = line;
    else
      advice += (advice.empty() ? "" : "\n") + line;
  }
  return {what, advice};
}

bool loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

void judge_dangers(const SettingsSeen& seen, Findings& findings) {
  bool any = false;
  const auto danger = [&](std::string what, std::string advice) {
    any = true;
    findings.warning("settings.dangerous", seen.file, std::move(what), std::move(advice));
  };
  if (!seen.api_address.empty() && !loopback(seen.api_address))
    danger("api.address = \"" + seen.api_address +
               "\": the API has no logins, whoever reaches it posts and cancels jobs",
           "put it behind something that has logins, or let it listen on loopback");
  if (seen.runs_any_program)
    danger("worker.command_programs has \"*\": whoever may post a job runs any program on this worker",
           "name the programs that tasks may run");
  if (seen.session_timeout < kSessionTimeoutShort)
    danger("zookeeper.session_timeout_ms = " + std::to_string(seen.session_timeout.count()) +
               ": a host that is busy for so long is taken for dead",
           "set it to 4000");
  if (seen.session_timeout > kSessionTimeoutLong)
    danger("zookeeper.session_timeout_ms = " + std::to_string(seen.session_timeout.count()) +
               ": a host that vanishes goes unnoticed for so long",
           "set it to 4000");
  if (!any) findings.ok("settings.dangerous", seen.file, "nothing that somebody may be sorry for");
}

/// One value that two must have alike.
void compare(const std::string& setting, const std::string& ours, const std::string& theirs,
             const std::string& file, const std::string& other, bool& differ, Findings& findings) {
  if (ours == theirs || ours.empty() || theirs.empty()) return;
  differ = true;
  findings.wrong("settings.agree", setting, "\"" + ours + "\" in " + file + ", \"" + theirs + "\" " + other,
                 "give the whole fleet the same");
}

/// "a, b:1/chroot" → {"a:<port>", "b:1"} and "/chroot".
std::pair<std::set<std::string>, std::string> servers_of(const std::string& text, const std::string& port) {
  const auto slash = text.find('/');
  std::istringstream parts(text.substr(0, slash));
  std::set<std::string> servers;
  for (std::string one; std::getline(parts, one, ',');) {
    std::erase(one, ' ');
    if (!one.empty()) servers.insert(one.find(':') == std::string::npos ? one + ":" + port : one);
  }
  return {servers, slash == std::string::npos ? "" : text.substr(slash)};
}

/// Two lists of servers: the order says nothing, and each may name a part of the same cluster.
void compare_servers(const std::string& setting, const std::string& port, const SettingsSeen& one,
                     const SettingsSeen& other, std::string SettingsSeen::*value, bool& differ,
                     Findings& findings) {
  const auto [ours, our_root] = servers_of(one.*value, port);
  const auto [theirs, their_root] = servers_of(other.*value, port);
  if (ours == theirs && our_root == their_root) return;
  const bool meet = our_root == their_root &&
                    std::any_of(ours.begin(), ours.end(),
                                [&, &them = theirs](const auto& server) { return them.contains(server); });
  if (!meet)
    return compare(setting, one.*value, other.*value, one.file, "in " + other.file, differ, findings);
  differ = true;
  findings.warning("settings.agree", setting,
                   "\"" + one.*value + "\" in " + one.file + ", \"" + other.*value + "\" in " + other.file,
                   "name all of its servers in both: who is not named cannot stand in for one that is away");
}

std::string shards_of(const SettingsSeen& seen) {
  return seen.board_shards == 0 ? std::string() : std::to_string(seen.board_shards);
}

void compare_files(const SettingsSeen& one, const SettingsSeen& other, bool& differ, Findings& findings) {
  const auto at = "in " + other.file;
  compare_servers("zookeeper.hosts", "2181", one, other, &SettingsSeen::zookeeper_hosts, differ, findings);
  compare("zookeeper.fleet_path", one.fleet_path, other.fleet_path, one.file, at, differ, findings);
  compare_servers("kafka.brokers", "9092", one, other, &SettingsSeen::brokers, differ, findings);
  compare("kafka.topic_prefix", one.topic_prefix, other.topic_prefix, one.file, at, differ, findings);
  compare("conductor.board_path", one.board_path, other.board_path, one.file, at, differ, findings);
  compare("conductor.board_shards", shards_of(one), shards_of(other), one.file, at, differ, findings);
  compare("postgres.schema", one.schema, other.schema, one.file, at, differ, findings);
}

void compare_conductor(const SettingsSeen& one, const ConductorSeen& conductor, bool& differ,
                       Findings& findings) {
  const auto theirs = [&](const char* name) {
    const auto found = conductor.settings.find(name);
    return found == conductor.settings.end() ? std::string() : found->second;
  };
  const auto at = "at " + conductor.name;
  compare("zookeeper.fleet_path", one.fleet_path, theirs("zookeeper.fleet_path"), one.file, at, differ,
          findings);
  compare("kafka.topic_prefix", one.topic_prefix, theirs("kafka.topic_prefix"), one.file, at, differ,
          findings);
  compare("conductor.board_path", one.board_path, theirs("conductor.board_path"), one.file, at, differ,
          findings);
  compare("conductor.board_shards", shards_of(one), theirs("conductor.board_shards"), one.file, at, differ,
          findings);
  compare("postgres.schema", one.schema, theirs("postgres.schema"), one.file, at, differ, findings);
}

}  // namespace

void judge_settings(const SettingsSeen& seen, Findings& findings) {
  if (!seen.trouble.empty())
    return findings.wrong("settings.readable", seen.file, seen.trouble,
                          "see whether the path is right, and whether you may read it (sudo)");
  if (!seen.told && seen.usable())
    findings.not_looked_at(
        "settings.readable", seen.file,
        "whether it is a conductor's or a worker's cannot be told: only what both have was "
        "looked at",
        "add a line that only one of them has, such as name = \"\" under [conductor] or "
        "[worker]");
  else
    findings.ok("settings.readable", seen.file,
                !seen.told    ? "can be read"
                : seen.worker ? "a worker's"
                              : "a conductor's");
  judge_permissions(seen, findings);
  if (!seen.mistakes.empty()) {
    const auto [what, advice] = taken_apart(seen.mistakes);
    findings.wrong("settings.valid", seen.file, what, advice.empty() ? "mend it" : advice);
    return findings.not_looked_at("settings.agree", seen.file, "its servers were not asked",
                                  "ask again when the file is mended");
  }
  if (!seen.conninfo_problem.empty())
    findings.wrong("settings.valid", seen.file, seen.conninfo_problem, "mend postgres.conninfo");
  else if (!seen.schema_problem.empty())
    findings.wrong("settings.valid", seen.file, seen.schema_problem, "mend postgres.schema");
  else
    findings.ok("settings.valid", seen.file, "every value is known and within its bounds");
  judge_dangers(seen, findings);
}

void judge_agreement(const Seen& seen, Findings& findings) {
  bool differ = false, compared = false;
  for (std::size_t i = 0; i < seen.settings.size(); ++i) {
    if (!seen.settings[i].usable()) continue;
    for (std::size_t j = i + 1; j < seen.settings.size(); ++j)
      if (seen.settings[j].usable())
        compared = true, compare_files(seen.settings[i], seen.settings[j], differ, findings);
    for (const auto& conductor : seen.fleet.conductors)
      if (!conductor.settings.empty())
        compared = true, compare_conductor(seen.settings[i], conductor, differ, findings);
  }
  if (compared && !differ)
    findings.ok("settings.agree", "files and conductors", "what a fleet must have in common is the same");
}

}  // namespace baton::doctor
