#include <algorithm>

#include "common/model/name_list.h"
#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

using postgres::HostLook;

bool asked(const HostLook& look) {
  return look.end == HostLook::End::Asked;
}

void judge_way(const HostLook& look, Findings& findings) {
  switch (look.end) {
    case HostLook::End::Unreachable:
      return findings.wrong("postgres.reachable", look.place, look.trouble,
                            "see whether Postgres runs there, and whether postgres.conninfo is right");
    case HostLook::End::Refused:
      return findings.wrong(
          "postgres.login", look.place, look.trouble,
          "see user, password and dbname in postgres.conninfo, the server's pg_hba.conf, and "
          "its log");
    case HostLook::End::Broken:
      return findings.wrong("postgres.login", look.place, "it let us in, then: " + look.trouble,
                            "see its log");
    case HostLook::End::Asked:
      break;
  }
  findings.ok("postgres.reachable", look.place,
              "lets us in, answers in " +
                  lasting(std::chrono::duration_cast<Millis>(look.answered_at - look.asked_at)));
  if (look.version < kPostgresVersionMin)
    return findings.warning("postgres.version", look.place, "version " + look.version_text,
                            "bring it to 13 or later");
  findings.ok("postgres.version", look.place, "version " + look.version_text);
}

void judge_primary(const PostgresSeen& seen, Findings& findings) {
  std::vector<std::string> primaries, standbys, silent;
  for (const auto& look : seen.hosts)
    (!asked(look) ? silent : look.standby ? standbys : primaries).push_back(look.place);
  if (primaries.empty() && standbys.empty()) return;  // said above
  const std::string others = standbys.empty() ? "" : "; standby: " + listed(standbys);
  if (primaries.empty())
    return findings.wrong("postgres.primary", seen.place, "only standbys answer: " + listed(standbys),
                          // One that we do not reach may be a primary whom others still reach.
                          silent.empty() ? "add the primary to postgres.conninfo; if none runs, promote one"
                                         : listed(silent) +
                                               " did not answer: find out whether it runs before anything "
                                               "is promoted");
  if (primaries.size() > 1)
    return findings.wrong("postgres.primary", seen.place, "several primaries: " + listed(primaries),
                          "stop the old one at once: what it confirms is lost");
  findings.ok("postgres.primary", seen.place, "primary: " + primaries.front() + others);
}

void judge_schema(const HostLook& look, const std::string& schema, Findings& findings) {
  if (!look.schema_problem)
    return findings.ok("postgres.schema", look.place, "schema " + schema + " is of this program's version");
  // "…: found version 5, this program needs version 6; run 'baton admin migrate --settings FILE'"
  const auto& problem = *look.schema_problem;
  const auto advice = problem.rfind("; ");
  findings.wrong("postgres.schema", look.place, problem.substr(0, advice),
                 advice == std::string::npos ? "mend postgres.schema" : problem.substr(advice + 2));
}

void judge_durability(const HostLook& look, Findings& findings) {
  if (look.fsync)
    findings.ok("postgres.fsync", look.place, "on");
  else
    findings.wrong("postgres.fsync", look.place, "fsync is off",
                   "set fsync = on in postgresql.conf and restart it");
  if (look.full_page_writes)
    findings.ok("postgres.full_page_writes", look.place, "on");
  else
    findings.wrong("postgres.full_page_writes", look.place, "full_page_writes is off",
                   "set full_page_writes = on in postgresql.conf and reload it");
  if (look.synchronous_commit == "on" || look.synchronous_commit == "remote_apply")
    findings.ok("postgres.synchronous_commit", look.place, look.synchronous_commit);
  else
    findings.wrong("postgres.synchronous_commit", look.place,
                   "synchronous_commit is " + look.synchronous_commit,
                   "set it to on, for this user or database too (alter role, alter database)");
}

void judge_standbys(const HostLook& look, Findings& findings) {
  if (look.standbys > 0 && !look.standbys_awaited)
    return findings.warning("postgres.standbys", look.place,
                            counted(look.standbys, "standby") + " and no commit waits for one",
                            "set synchronous_standby_names");
  if (look.standbys == 0 && look.standbys_awaited)
    return findings.wrong("postgres.standbys", look.place,
                          "synchronous_standby_names is set and no standby follows: no commit ends",
                          "bring a standby back, or empty synchronous_standby_names");
  findings.ok(
      "postgres.standbys", look.place,
      look.standbys == 0 ? "none follows it" : counted(look.standbys, "standby") + ", commits wait for them");
}

void judge_idle(const HostLook& look, Findings& findings) {
  if (look.idle_in_transaction > 0)
    return findings.warning("postgres.idle_in_transaction", look.place,
                            counted(look.idle_in_transaction, "session") +
                                " idle in a transaction, the longest for " +
                                lasting(look.longest_idle_in_transaction),
                            "see pg_stat_activity; idle_in_transaction_session_timeout ends such sessions");
  if (!look.sees_sessions)
    return findings.not_looked_at("postgres.idle_in_transaction", look.place,
                                  "role " + look.role + " is not told what the sessions of others do",
                                  "grant pg_read_all_stats to " + look.role);
  findings.ok("postgres.idle_in_transaction", look.place, "no session idles in a transaction");
}

void judge_sessions(const HostLook& look, Findings& findings) {
  const auto left = look.connections_max - look.connections;
  const std::string seen =
      std::to_string(look.connections) + " of " + std::to_string(look.connections_max) + " connections taken";
  if (left < kConnectionsOneConductor)
    findings.wrong("postgres.connections", look.place, seen,
                   "raise max_connections, or see who holds them (pg_stat_activity)");
  else if (left < kConnectionsLeftMin)
    findings.warning("postgres.connections", look.place, seen,
                     "raise max_connections: a conductor takes " + std::to_string(kConnectionsOneConductor));
  else
    findings.ok("postgres.connections", look.place, seen);
  judge_idle(look, findings);
  if (look.autovacuum)
    findings.ok("postgres.autovacuum", look.place, "on");
  else
    findings.warning("postgres.autovacuum", look.place, "autovacuum is off",
                     "set autovacuum = on and reload it");
}

void judge_one(const HostLook& look, const std::string& schema, Findings& findings) {
  judge_way(look, findings);
  if (!asked(look) || look.standby) return;
  if (look.read_only)
    findings.wrong("postgres.primary", look.place, "it is read only (default_transaction_read_only)",
                   "set default_transaction_read_only = off, for this user and database too");
  judge_schema(look, schema, findings);
  judge_durability(look, findings);
  judge_standbys(look, findings);
  judge_sessions(look, findings);
}

}  // namespace

void judge_postgres(const PostgresSeen& seen, Findings& findings) {
  for (const auto& look : seen.hosts) judge_one(look, seen.schema, findings);
  judge_primary(seen, findings);
}

}  // namespace baton::doctor
