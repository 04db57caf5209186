#include "common/postgres/server_check.h"

#include "common/postgres/migrator.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

constexpr StatementText kMigrated{"migrated", "select to_regclass('migrations') is not null"};
constexpr StatementText kApplied{
    "applied",
    "select coalesce(string_agg(version || ':' || checksum, ',' order by version), '') from migrations"};
constexpr StatementText kPartitions{"partitions", "select ensure_history_partitions(4)"};

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

void look_at_server(const std::shared_ptr<Reader>& reader, Heard heard) {
  Transaction server;
  server.add(kServerWord, {}, [heard](const ResultSet& rows) { heard(read_server_word(rows)); });
  reader->read(std::move(server), [](const StoreError&) {});
}

void check_server(const std::shared_ptr<Reader>& reader, const std::string& schema, Heard heard,
                  Done<void> done) {
  const std::string place = place_of(reader->conninfo());
  const auto unsafe = std::make_shared<std::string>();
  Transaction server;
  server.add(kServerWord, {}, [heard, unsafe](const ResultSet& rows) {
    const ServerWord word = read_server_word(rows);
    *unsafe = word.unsafe;
    heard(word);
  });
  server.add(kMigrated, {}, [reader, schema, place, unsafe, done](const ResultSet& rows) {
    if (!unsafe->empty())
      return done(Fail(StoreError{StoreErrorCode::Unavailable, "Postgres at " + place + ": " + *unsafe}));
    if (!rows.truth(0, 0)) return done(Fail(*schema_problem(place, schema, "")));
    check_schema(reader, schema, done);
  });
  reader->read(std::move(server), failing(done));
}

}  // namespace baton::postgres
