#include <algorithm>

#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

constexpr const char* kStart = "start one (systemctl start baton-conductor), or say with --api where one is";

std::string shown(const ConductorSeen& conductor) {
  return conductor.name.empty() ? conductor.address : conductor.name + " (" + conductor.address + ")";
}

void judge_reachable(const FleetSeen& fleet, const ConductorSeen& conductor, Findings& findings) {
  const std::string subject = shown(conductor);
  if (conductor.elsewhere)
    return findings.not_looked_at(
        "conductor.reachable", subject, "its API listens on the loopback of " + conductor.host + " only",
        "run `baton doctor` there too, or give it an api.address behind something that has logins");
  if (!conductor.trouble.empty()) {
    if (!fleet.named && conductor.name.empty())
      return findings.not_looked_at("conductor.reachable", subject,
                                    "no conductor there: " + conductor.trouble, "--api says where one is");
    return findings.wrong("conductor.reachable", subject, conductor.trouble, kStart);
  }
  findings.ok("conductor.reachable", subject,
              conductor.version.empty() ? "answers" : "answers, version " + conductor.version);
}

/// Each version with who has it.
std::map<std::string, std::vector<std::string>> by_version(const FleetSeen& fleet) {
  std::map<std::string, std::vector<std::string>> versions;
  for (const auto& conductor : fleet.conductors)
    if (!conductor.version.empty()) versions[conductor.version].push_back(conductor.name);
  return versions;
}

std::string told(const std::map<std::string, std::vector<std::string>>& by_value) {
  std::vector<std::string> parts;
  for (const auto& [value, names] : by_value) parts.push_back(value + " (" + listed(names) + ")");
  return listed(parts);
}

void judge_versions(const FleetSeen& fleet, const std::string& own_version, Findings& findings) {
  const auto versions = by_version(fleet);
  if (versions.empty()) return;
  if (versions.size() > 1)
    return findings.warning("conductor.version", "all conductors", told(versions),
                            "if no rolling restart is under way: bring all to the same version");
  if (versions.begin()->first != own_version)
    return findings.warning("conductor.version", "all conductors",
                            "version " + versions.begin()->first + ", this command is " + own_version,
                            "use the command of the fleet's version: another one may not know what it tells");
  findings.ok("conductor.version", "all conductors", "version " + own_version + ", as this command");
}

void judge_servers(const ConductorSeen& conductor, Findings& findings) {
  std::vector<std::string> away;
  if (!conductor.zookeeper) away.push_back("ZooKeeper");
  if (!conductor.kafka) away.push_back("Kafka");
  if (!conductor.postgres) away.push_back("Postgres");
  if (!away.empty())
    return findings.wrong("conductor.servers", shown(conductor), "it does not reach " + listed(away),
                          "see whether they run, and the network between; with --settings FILE this command "
                          "asks them itself");
  if (conductor.draining)
    return findings.warning("conductor.servers", shown(conductor), "it drains: it claims nothing more",
                            "nothing, if somebody restarts it");
  if (!conductor.claiming_paused.empty())
    return findings.warning("conductor.servers", shown(conductor),
                            "it claims nothing: " + conductor.claiming_paused,
                            "if this lasts for more than a minute: see its log");
  findings.ok("conductor.servers", shown(conductor), "reaches its servers, claims jobs");
}

void judge_session(const ConductorSeen& conductor, Findings& findings) {
  if (conductor.session_asked == Millis{0} || !conductor.zookeeper) return;
  const auto granted = conductor.session_granted;
  const std::string seen =
      "session timeout " + lasting(granted) +
      (granted == conductor.session_asked ? ", as asked for"
                                          : ", asked for were " + lasting(conductor.session_asked));
  if (conductor.session_silent > kSessionSilentMax)
    return findings.wrong("conductor.session", shown(conductor),
                          "ZooKeeper has said nothing for " + lasting(conductor.session_silent),
                          "see whether ZooKeeper, its disk or the network is slow");
  if (granted != conductor.session_asked)
    return findings.warning("conductor.session", shown(conductor), seen,
                            "bring zookeeper.session_timeout_ms and the server's minSessionTimeout and "
                            "maxSessionTimeout together");
  findings.ok("conductor.session", shown(conductor), seen);
}

/// A setting that not all have alike.
void judge_setting(const FleetSeen& fleet, const std::string& setting, bool& differ, Findings& findings) {
  std::map<std::string, std::vector<std::string>> by_value;
  for (const auto& conductor : fleet.conductors)
    if (const auto found = conductor.settings.find(setting); found != conductor.settings.end())
      by_value[found->second].push_back(conductor.name);
  if (by_value.size() < 2) return;
  differ = true;
  findings.wrong("conductor.settings", setting, told(by_value),
                 "give all conductors of this fleet the same; two fleets differ in all of these settings");
}

void judge_same_settings(const FleetSeen& fleet, Findings& findings) {
  std::set<std::string> names;
  for (const auto& conductor : fleet.conductors)
    for (const auto& [name, value] : conductor.settings) names.insert(name);
  if (names.empty()) return;
  bool differ = false;
  for (const auto& name : names) judge_setting(fleet, name, differ, findings);
  std::vector<std::string> listed_names(names.begin(), names.end());
  if (!differ) findings.ok("conductor.settings", "all conductors", listed(listed_names) + " are the same");
}

/// As they see the database, where nobody has asked it.
void judge_database(const ConductorSeen& conductor, Findings& findings) {
  if (!conductor.can_lose.empty())
    findings.warning("postgres.standbys", "seen by " + shown(conductor), conductor.can_lose,
                     "see its settings; with --settings FILE this command asks the server itself");
}

}  // namespace

void judge_conductors(const FleetSeen& fleet, const std::string& own_version, Findings& findings) {
  for (const auto& conductor : fleet.conductors) judge_reachable(fleet, conductor, findings);
  judge_versions(fleet, own_version, findings);
  for (const auto& conductor : fleet.conductors) {
    if (!conductor.trouble.empty() || conductor.elsewhere) continue;
    if (!conductor.tells) {
      findings.not_looked_at("conductor.servers", shown(conductor),
                             "version " + conductor.version + " does not tell of itself (GET /v1/self)",
                             "bring it to this command's version");
      continue;
    }
    judge_servers(conductor, findings);
    judge_session(conductor, findings);
    judge_database(conductor, findings);
  }
  judge_same_settings(fleet, findings);
}

}  // namespace baton::doctor
