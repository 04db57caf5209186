#include <algorithm>

#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/srvr_text.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

constexpr const char* kWhitelist =
    "let it: add srvr to 4lw.commands.whitelist in its zoo.cfg (the session below tells what else it can)";

void judge_server(const ZooKeeperServerSeen& server, Findings& findings) {
  if (!server.trouble.empty())
    return findings.wrong("zookeeper.reachable", server.address, server.trouble,
                          "see whether ZooKeeper runs there, and whether zookeeper.hosts is right");
  const auto word = read_srvr(server.said);
  findings.ok("zookeeper.reachable", server.address, "answers in " + lasting(server.took));
  if (word.version.empty())
    return findings.not_looked_at("zookeeper.version", server.address,
                                  "it may not say (" + word.refusal + ")", kWhitelist);
  if (word.is_older_than(3, 5))
    return findings.warning("zookeeper.version", server.address, "version " + word.version,
                            "bring it to 3.5 or later");
  findings.ok("zookeeper.version", server.address, "version " + word.version);
}

/// How many of the list are leader, follower, …
void judge_quorum(const ZooKeeperSeen& seen, Findings& findings) {
  std::map<std::string, std::vector<std::string>> modes;
  std::size_t known = 0, away = 0;
  for (const auto& server : seen.servers) {
    if (!server.trouble.empty()) ++away;
    const auto mode = read_srvr(server.said).mode;
    if (!mode.empty()) modes[mode].push_back(server.address), ++known;
  }
  std::vector<std::string> parts;
  for (const auto& [mode, servers] : modes) parts.push_back(mode + ": " + listed(servers));
  const std::string told = listed(parts);
  const auto count = static_cast<std::int64_t>(seen.servers.size());
  if (modes.contains("read-only"))
    return findings.wrong("zookeeper.quorum", seen.hosts, told,
                          "this server has lost the majority: see the others and the network between them");
  if (modes["standalone"].size() > 1)
    return findings.wrong("zookeeper.quorum", seen.hosts, told,
                          "these are several ZooKeepers, not one: give each its server.N lines, or name one");
  if (away * 2 >= seen.servers.size() && away > 0 && count > 1)
    return findings.wrong("zookeeper.quorum", seen.hosts,
                          std::to_string(away) + " of " + counted(count, "server") + " away: no majority",
                          "bring them back: until then nothing is claimed");
  if (known == 0) return;  // said above
  if (count == 1)
    return findings.warning("zookeeper.quorum", seen.hosts, "one server only (" + told + ")",
                            "for more than a trial: three or five servers on different hosts");
  if (known == seen.servers.size() && modes["leader"].size() != 1)
    return findings.wrong("zookeeper.quorum", seen.hosts, told.empty() ? "no leader" : told,
                          "exactly one must lead: see their logs");
  if (away > 0)
    return findings.warning("zookeeper.quorum", seen.hosts,
                            told + "; " + counted(static_cast<std::int64_t>(away), "server") + " away",
                            "bring it back: the next one that is lost may cost the majority");
  findings.ok("zookeeper.quorum", seen.hosts, told);
}

void judge_timeout(const ZooKeeperSeen& seen, Findings& findings) {
  const auto granted = seen.session->granted;
  const std::string told = "granted " + lasting(granted) + ", asked for " + lasting(seen.asked);
  if (granted != seen.asked)
    return findings.warning("zookeeper.session", seen.hosts, told,
                            "bring zookeeper.session_timeout_ms and the server's minSessionTimeout and "
                            "maxSessionTimeout together");
  if (granted < kSessionTimeoutShort)
    return findings.warning(
        "zookeeper.session", seen.hosts, told,
        "set zookeeper.session_timeout_ms to 4000: a host that is busy for so long is taken for dead");
  if (granted > kSessionTimeoutLong)
    return findings.warning(
        "zookeeper.session", seen.hosts, told,
        "set zookeeper.session_timeout_ms to 4000: a host that vanishes goes unnoticed for so long");
  findings.ok("zookeeper.session", seen.hosts, told);
}

void judge_path(const zookeeper::PathLook& path, Findings& findings) {
  if (!path.trouble.empty())
    return findings.not_looked_at("zookeeper.paths", path.path, path.trouble, "ask again");
  if (!path.there)
    return findings.warning(
        "zookeeper.paths", path.path, "it is not there",
        "nothing, if no conductor has ever run: the first one makes it; else the path, or "
        "the ZooKeeper, is another one than the fleet's");
  if (!path.open)
    return findings.wrong("zookeeper.paths", path.path,
                          "its access list does not let everybody read, write, make and remove nodes",
                          "Baton does not authenticate itself: setAcl " + path.path + " world:anyone:crwda");
  findings.ok("zookeeper.paths", path.path, "there, and we may write there");
}

}  // namespace

void judge_zookeeper(const ZooKeeperSeen& seen, Findings& findings) {
  for (const auto& server : seen.servers) judge_server(server, findings);
  judge_quorum(seen, findings);
  const bool anybody = std::any_of(seen.servers.begin(), seen.servers.end(),
                                   [](const auto& server) { return server.trouble.empty(); });
  if (!seen.session || !anybody) return;  // said above
  if (!seen.session->trouble.empty())
    return findings.wrong(
        "zookeeper.session", seen.hosts, seen.session->trouble,
        "it accepts connections and gives no session: it has no majority, or is stuck; see its log");
  judge_timeout(seen, findings);
  for (const auto& path : seen.session->paths) judge_path(path, findings);
}

}  // namespace baton::doctor
