#include "common/postgres/migrator.h"

#include <vector>

#include "common/postgres/conninfo.h"
#include "common/postgres/migrations.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

constexpr const char* kAdvisoryLock = "select pg_advisory_lock(hashtext('baton.migrate'))";
constexpr const char* kTable =
    "create table if not exists migrations (version int primary key, name text not null,"
    " checksum text not null, applied_at timestamptz not null default now())";
constexpr const char* kApplied =
    "select coalesce(string_agg(version || ':' || checksum, ',' order by version), '') from migrations";
constexpr const char* kPartitions = "select ensure_history_partitions(4)";

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return parts;
}

StoreError mismatch(const std::string& place, const std::string& schema, const std::string& what) {
  return {StoreErrorCode::SchemaMismatch, "Postgres at " + place + ", schema " + schema + ": " + what};
}

/// False: somebody is in a table that it changes.
bool try_to_apply(BlockingConnection& database, const Migration& migration) {
  database.run("begin");
  const bool done = database.run_unless_locked(std::string(migration.sql)).has_value();
  if (done)
    database.run(
        "insert into migrations (version, name, checksum) values ($1::int, $2, $3)",
        {std::to_string(migration.version), std::string(migration.name), std::string(migration.checksum)});
  database.run(done ? "commit" : "rollback");
  return done;
}

std::optional<StoreError> apply(BlockingConnection& database, const Migration& migration) {
  const bool done = database.until_free([&] { return try_to_apply(database, migration); });
  if (done || database.problem()) return database.problem();
  return StoreError{StoreErrorCode::Conflict,
                    "Postgres at " + database.place() + ": migration " + std::to_string(migration.version) +
                        " was not applied: other sessions were in its tables all the time "
                        "(pg_stat_activity shows them; a backup?); run this again"};
}

/// Everything but the version is as this program knows it, as far as the older schema goes.
std::optional<StoreError> foreign_text(const std::string& place, const std::string& schema,
                                       const std::vector<std::string_view>& applied) {
  for (std::size_t i = 0; i < applied.size() && i < migrations().size(); ++i) {
    const Migration& ours = migrations()[i];
    if (applied[i] != std::to_string(ours.version) + ":" + std::string(ours.checksum))
      return mismatch(
          place, schema,
          "migration " + std::to_string(ours.version) + " (" + std::string(ours.name) +
              ") was applied with another text than this program has; use the program that made it, "
              "or another schema");
  }
  return std::nullopt;
}

std::optional<StoreError> name_problem(const std::string& schema) {
  if (is_schema_name(schema)) return std::nullopt;
  return StoreError{StoreErrorCode::SchemaMismatch, schema_name_problem(schema)};
}

/// Last in the path: nobody's temporary table stands before ours.
void enter(BlockingConnection& database, const std::string& schema) {
  database.run("set search_path = " + schema + ", pg_temp");
}

}  // namespace

std::optional<StoreError> use_schema(BlockingConnection& database, const std::string& schema) {
  if (auto wrong = name_problem(schema)) return wrong;
  enter(database, schema);
  const bool there = database.run("select to_regclass('migrations') is not null") == "t";
  const std::string applied = there ? database.run(kApplied) : std::string();
  if (database.problem()) return database.problem();
  return schema_problem(database.place(), schema, applied);
}

std::optional<StoreError> schema_problem(const std::string& place, const std::string& schema,
                                         std::string_view applied) {
  const auto found = split(applied);
  const std::size_t needed = migrations().size();
  if (auto foreign = foreign_text(place, schema, found)) return foreign;
  if (found.size() == needed) return std::nullopt;
  const std::string versions = "found version " + std::to_string(found.size()) +
                               ", this program needs version " + std::to_string(needed);
  if (found.empty())
    return mismatch(place, schema,
                    "found no tables of Baton, this program needs version " + std::to_string(needed) +
                        "; run 'baton admin migrate --settings FILE'");
  if (found.size() < needed)
    return mismatch(place, schema, versions + "; run 'baton admin migrate --settings FILE'");
  return mismatch(place, schema,
                  versions + "; the database is newer: install a Baton of at least its version");
}

namespace {

/// A connection to migrate by; or what is wrong with where it goes.
Result<std::unique_ptr<BlockingConnection>, StoreError> open_database(const std::string& conninfo,
                                                                      const std::string& schema) {
  auto info = parse_conninfo(conninfo);
  if (!info.ok()) return Fail(StoreError{StoreErrorCode::Unavailable, info.error()});
  if (auto wrong = name_problem(schema)) return Fail(*wrong);
  return std::make_unique<BlockingConnection>(*info, "baton admin migrate");
}

/// How many migrations are there; or why none can follow.
Result<std::size_t, StoreError> known_as_ours(BlockingConnection& database, const std::string& schema,
                                              const std::string& applied) {
  if (database.problem()) return Fail(*database.problem());
  const auto found = split(applied);
  auto foreign = foreign_text(database.place(), schema, found);
  if (!foreign && found.size() > migrations().size())
    foreign = schema_problem(database.place(), schema, applied);
  if (foreign) return Fail(*foreign);
  return found.size();
}

MigrateOutcome outcome(std::size_t found) {
  return {static_cast<int>(found), static_cast<int>(migrations().size())};
}

/// What a line of its text says of a fleet at work, without the line's end.
std::string_view wait_told(std::string_view sql) {
  constexpr std::string_view kTold = "-- The fleet waits: ";
  const auto at = sql.find(kTold);
  if (at == std::string_view::npos) return {};
  sql.remove_prefix(at + kTold.size());
  return sql.substr(0, sql.find('\n'));
}

std::string line_of(const std::string& schema, const Migration& migration, bool in_use) {
  const auto waits = in_use ? wait_told(migration.sql) : std::string_view();
  return "schema " + schema + ": migration " + std::to_string(migration.version) + " (" +
         std::string(migration.name) + ")" + (waits.empty() ? "" : "; the fleet waits: ") +
         std::string(waits);
}

}  // namespace

Result<MigrateOutcome, StoreError> migrate(const std::string& conninfo, const std::string& schema,
                                           const std::function<void(std::string_view)>& progress,
                                           const LockPatience& patience) {
  auto opened = open_database(conninfo, schema);
  if (!opened.ok()) return Fail(opened.error());
  BlockingConnection& database = **opened;
  database.run(kAdvisoryLock);
  if (database.run("select to_regnamespace($1) is null", {schema}) == "t")
    database.run("create schema " + schema);
  enter(database, schema);
  database.run(kTable);
  const auto found = known_as_ours(database, schema, database.run(kApplied));
  if (!found.ok()) return Fail(found.error());
  database.wait_for_locks(patience);
  for (const Migration& migration : migrations().subspan(*found)) {
    progress(line_of(schema, migration, *found > 0));
    if (const auto wrong = apply(database, migration)) return Fail(*wrong);
  }
  database.run("reset lock_timeout");
  database.run(kPartitions);
  if (database.problem()) return Fail(*database.problem());
  return outcome(*found);
}

Result<MigrateOutcome, StoreError> plan_migration(const std::string& conninfo, const std::string& schema,
                                                  const std::function<void(std::string_view)>& progress) {
  auto opened = open_database(conninfo, schema);
  if (!opened.ok()) return Fail(opened.error());
  BlockingConnection& database = **opened;
  database.run("set default_transaction_read_only = on");
  enter(database, schema);
  const bool none = database.run("select to_regclass($1) is null", {schema + ".migrations"}) == "t";
  const auto found = known_as_ours(database, schema, none ? std::string() : database.run(kApplied));
  if (!found.ok()) return Fail(found.error());
  for (const Migration& migration : migrations().subspan(*found))
    progress(line_of(schema, migration, *found > 0));
  return outcome(*found);
}

}  // namespace baton::postgres
