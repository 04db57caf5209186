#include "common/postgres/server_check.h"

#include "common/postgres/migrator.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

constexpr StatementText kServer{
    "server",
    "select pg_is_in_recovery(), current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',"
    " current_setting('synchronous_commit') in ('on', 'remote_apply'), to_regclass('migrations') is not "
    "null"};
constexpr StatementText kApplied{
    "applied",
    "select coalesce(string_agg(version || ':' || checksum, ',' order by version), '') from migrations"};
constexpr StatementText kPartitions{"partitions", "select ensure_history_partitions(4)"};

std::string unsafe_setting(const ResultSet& rows) {
  if (rows.truth(0, 0)) return "it is a standby; give the primary's address";
  if (!rows.truth(0, 1)) return "fsync is off: what it confirms can be lost; set fsync = on";
  if (!rows.truth(0, 2))
    return "full_page_writes is off: a power cut can tear pages; set full_page_writes = on";
  if (!rows.truth(0, 3))
    return "synchronous_commit is neither on nor remote_apply: what it confirms can be lost; set it to on "
           "for "
           "this user or database";
  return {};
}

Reader::Failed failing(const Done<void>& done) {
  return [done](const StoreError& error) { done(Fail(error)); };
}

void check_schema(const std::shared_ptr<Reader>& reader, const std::string& schema, const Done<void>& done) {
  Transaction applied;
  applied.add(kApplied, {}, [reader, schema, done](const ResultSet& rows) {
    const auto problem = schema_problem(place_of(reader->conninfo()), schema, rows.text(0, 0));
    if (problem) return done(Fail(*problem));
    make_partitions(reader, done);
  });
  reader->read(std::move(applied), failing(done));
}

}  // namespace

void make_partitions(const std::shared_ptr<Reader>& reader, Done<void> done) {
  Transaction partitions;
  partitions.add(kPartitions, {}, [done](const ResultSet&) { done({}); });
  reader->read(std::move(partitions), failing(done));
}

void check_server(const std::shared_ptr<Reader>& reader, const std::string& schema, Done<void> done) {
  Transaction server;
  server.add(kServer, {}, [reader, schema, done](const ResultSet& rows) {
    const std::string place = place_of(reader->conninfo());
    if (const std::string unsafe = unsafe_setting(rows); !unsafe.empty())
      return done(Fail(StoreError{StoreErrorCode::Unavailable, "Postgres at " + place + ": " + unsafe}));
    if (!rows.truth(0, 4)) return done(Fail(*schema_problem(place, schema, "")));
    check_schema(reader, schema, done);
  });
  reader->read(std::move(server), failing(done));
}

}  // namespace baton::postgres
