#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/time.h"
#include "common/postgres/conninfo.h"

namespace baton::postgres {

/// What one server of a connection string says of itself, for people who look for what is wrong.
/// Never a password.
struct HostLook {
  enum class End {
    Asked,        // all below is known
    Unreachable,  // nobody answers there
    Refused,      // it is there and lets nobody in: password, database, pg_hba.conf, its bounds
    Broken        // let in, then lost or refused
  };
  End end = End::Unreachable;
  std::string trouble;  // why not Asked, in the server's or the library's words
  std::string place;    // "127.0.0.1:5432/baton"

  int version = 0;           // 150004
  std::string version_text;  // "15.4"
  bool standby = false;
  bool fsync = true, full_page_writes = true;
  std::string synchronous_commit;
  bool standbys_awaited = false;  // synchronous_standby_names is set
  std::int64_t standbys = 0;      // that follow it
  bool autovacuum = true, read_only = false;
  std::int64_t connections = 0, connections_max = 0;  // of clients; what is left to them
  std::int64_t idle_in_transaction = 0;               // sessions that hold a transaction and do nothing
  Millis longest_idle_in_transaction{0};
  bool sees_sessions = true;  // false: this role is not told what the sessions of others do
  std::string role;
  /// What is wrong with Baton's tables there (migrator.h: schema_problem()); nothing: they fit. Of a primary.
  std::optional<std::string> schema_problem;
  TimePoint said{};                     // its clock
  TimePoint asked_at{}, answered_at{};  // ours, around it
};

/// For each server of a connection string one of its own, whatever it is (primary or not).
std::vector<Conninfo> each_host(const Conninfo&);

/// Asks one of them; blocks until the deadline at most, except for a name that is being resolved.
HostLook look_at_host(Conninfo, const std::string& schema, Millis deadline);

}  // namespace baton::postgres
