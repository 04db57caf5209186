#include "common/postgres/server_word.h"

#include <utility>

namespace baton::postgres {
namespace {

constexpr const char* kStandby = "it is a standby; give the primary's address";
constexpr const char* kReadOnly =
    "it is read only (default_transaction_read_only), or a standby; give the primary's address";

std::string unsafe_setting(const ResultSet& rows) {
  if (!rows.truth(0, 3)) return "fsync is off: what it confirms can be lost; set fsync = on";
  if (!rows.truth(0, 4))
    return "full_page_writes is off: a power cut can tear pages; set full_page_writes = on";
  if (!rows.truth(0, 5))
    return "synchronous_commit is neither on nor remote_apply: what it confirms can be lost; set it to on "
           "for this user or database";
  return {};
}

std::string standbys_behind(const ResultSet& rows) {
  const auto standbys = rows.number(0, 7);
  if (rows.truth(0, 6) || standbys == 0) return {};
  return std::to_string(standbys) + (standbys == 1 ? " standby follows it" : " standbys follow it") +
         " and no commit waits for one: a promotion can lose what was confirmed; set "
         "synchronous_standby_names";
}

}  // namespace

// Who copies or archives is no standby; a subscriber has a logical slot. Without pg_read_all_stats only the
// pids are shown: then a copy under way counts as a standby.
const StatementText kServerWord{
    "server_word",
    "select case when pg_is_in_recovery() then '' else"
    "  (select system_identifier from pg_control_system())::text || '/' ||"
    "  substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end,"
    " pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
    " current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',"
    " current_setting('synchronous_commit') in ('on', 'remote_apply'),"
    " current_setting('synchronous_standby_names') <> '',"
    " (select count(*) from pg_stat_replication r"
    "  where coalesce(r.application_name, '') not in ('pg_basebackup', 'pg_receivewal')"
    "  and not exists (select 1 from pg_replication_slots s"
    "                  where s.active_pid = r.pid and s.slot_type = 'logical'))"};

ServerWord read_server_word(const ResultSet& rows) {
  ServerWord word;
  word.origin = std::string(rows.text(0, 0));
  word.unusable = rows.truth(0, 1) ? kStandby : rows.truth(0, 2) ? kReadOnly : "";
  word.unsafe = unsafe_setting(rows);
  word.behind = standbys_behind(rows);
  return word;
}

std::string risk_of(const ServerWord& word) {
  return word.unsafe + (word.unsafe.empty() || word.behind.empty() ? "" : "; ") + word.behind;
}

SqlError explained(SqlError error) {
  if (error.message.find("session is read-only") != std::string::npos)
    error.message += std::string(": ") + kReadOnly;
  return error;
}

}  // namespace baton::postgres
