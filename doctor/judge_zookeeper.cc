#include <algorithm>

#include "common/model/name_list.h"
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
  if (word.mode == kNotServing)
    return findings.not_looked_at("zookeeper.version", server.address,
                                  "it serves nobody (" + word.refusal + ")",
                                  "see its log: it does not find the others, or has lost them");
  if (word.version.empty())
    return findings.not_looked_at("zookeeper.version", server.address,
                                  "it may not say (" + word.refusal + ")", kWhitelist);
  if (word.is_older_than(3, 5))
    return findings.warning("zookeeper.version", server.address, "version " + word.version,
                            "bring it to 3.5 or later");
  findings.ok("zookeeper.version", server.address, "version " + word.version);
}

/// What the servers of the list say that they are.
struct Roles {
  std::map<std::string, std::vector<std::string>> by_mode;
  std::size_t known = 0;   // they serve
  std::size_t silent = 0;  // no answer
  std::size_t away = 0;    // silent, or up and serving nobody

  std::size_t count(const char* mode) const {
    const auto found = by_mode.find(mode);
    return found == by_mode.end() ? 0 : found->second.size();
  }
  std::string told() const {
    std::vector<std::string> parts;
    for (const auto& [mode, servers] : by_mode) parts.push_back(mode + ": " + listed(servers));
    return listed(parts);
  }
};

Roles roles_of(const ZooKeeperSeen& seen) {
  Roles roles;
  for (const auto& server : seen.servers) {
    const auto mode = server.trouble.empty() ? read_srvr(server.said).mode : std::string();
    if (!server.trouble.empty()) ++roles.silent;
    if (!server.trouble.empty() || mode == kNotServing) ++roles.away;
    if (!mode.empty()) roles.by_mode[mode].push_back(server.address);
    if (!mode.empty() && mode != kNotServing) ++roles.known;
  }
  return roles;
}

/// The list may name a part of a larger ensemble: while that gives sessions it has its majority.
void judge_majority(const ZooKeeperSeen& seen, const Roles& roles, Findings& findings) {
  const auto count = static_cast<std::int64_t>(seen.servers.size());
  const auto away = static_cast<std::int64_t>(roles.away);
  const bool serves = seen.session && seen.session->trouble.empty();
  if (roles.away * 2 >= seen.servers.size() && away > 0 && !serves)
    return findings.wrong(
        "zookeeper.quorum", seen.hosts,
        count == 1 ? roles.told()
                   : std::to_string(away) + " of " + counted(count, "server") + " away: no majority",
        "bring them back: until then nothing is claimed");
  if (roles.known == 0) return;  // they may not say
  if (count == 1)
    return findings.warning("zookeeper.quorum", seen.hosts, "one server only (" + roles.told() + ")",
                            roles.count("standalone") == 1
                                ? "for more than a trial: three or five servers on different hosts"
                                : "name the others in zookeeper.hosts too: this one may be lost");
  if (away > 0)
    return findings.warning("zookeeper.quorum", seen.hosts,
                            roles.told() + "; " + counted(away, "server") + " away",
                            "bring it back: the next one that is lost may cost the majority");
  if (roles.known == seen.servers.size() && roles.count("leader") == 0)
    return findings.warning("zookeeper.quorum", seen.hosts, roles.told() + "; none of these leads",
                            "name all servers in zookeeper.hosts; if these are all: see their logs");
  findings.ok("zookeeper.quorum", seen.hosts, roles.told());
}

/// How many of the list are leader, follower, …
void judge_quorum(const ZooKeeperSeen& seen, Findings& findings) {
  const Roles roles = roles_of(seen);
  if (roles.silent == seen.servers.size()) return;  // said above
  if (roles.count("read-only") > 0)
    return findings.wrong("zookeeper.quorum", seen.hosts, roles.told(),
                          "this server has lost the majority: see the others and the network between them");
  if (roles.count("standalone") > 1)
    return findings.wrong("zookeeper.quorum", seen.hosts, roles.told(),
                          "these are several ZooKeepers, not one: give each its server.N lines, or name one");
  if (roles.count("leader") > 1)
    return findings.wrong("zookeeper.quorum", seen.hosts, roles.told(),
                          "only one may lead: these are several ZooKeepers, name those of one");
  judge_majority(seen, roles, findings);
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

void judge_board(const zookeeper::ShardsLook& board, std::int64_t told, Findings& findings) {
  if (!board.trouble.empty())
    return findings.not_looked_at("zookeeper.shards", board.board, board.trouble, "ask again");
  if (!board.there) return;  // its path is not there either
  if (static_cast<std::int64_t>(board.noted) != told)
    findings.wrong("zookeeper.shards", board.board,
                   "it is in " + counted(static_cast<std::int64_t>(board.noted), "folder") +
                       ", conductor.board_shards says " + std::to_string(told),
                   "set conductor.board_shards = " + std::to_string(board.noted) +
                       "; or end all conductors and run baton admin shards. Until then a conductor with that "
                       "file claims nothing");
  for (const auto& [folder, jobs] : board.strays)
    findings.wrong(
        "zookeeper.shards", folder,
        counted(static_cast<std::int64_t>(jobs), "job") +
            " in a folder that the board had once, and that no conductor lists",
        "post them again to the API, under their uuids, and remove the nodes; see who posts there");
  if (static_cast<std::int64_t>(board.noted) == told && board.strays.empty())
    findings.ok("zookeeper.shards", board.board, "in " + counted(told, "folder") + ", and no job elsewhere");
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
  for (const auto& board : seen.session->boards)
    if (const auto told = seen.boards.find(board.board); told != seen.boards.end())
      judge_board(board, told->second, findings);
}

}  // namespace baton::doctor
