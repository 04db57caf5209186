#include "common/postgres/migrator.h"

#include <libpq-fe.h>

#include <memory>
#include <vector>

#include "common/postgres/conninfo.h"
#include "common/postgres/migrations.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;
using Failure = std::optional<StoreError>;

constexpr const char* kAdvisoryLock = "select pg_advisory_lock(hashtext('baton.migrate'))";
constexpr const char* kTable =
    "create table if not exists migrations (version int primary key, name text not null,"
    " checksum text not null, applied_at timestamptz not null default now())";
constexpr const char* kApplied =
    "select coalesce(string_agg(version || ':' || checksum, ',' order by version), '') from migrations";
constexpr const char* kPartitions = "select ensure_history_partitions(4)";

/// A blocking connection; throws nothing, remembers the first trouble.
class Database {
 public:
  Database(Conninfo info, std::string place) : place_(std::move(place)) {
    info = with_watchfulness(std::move(info));
    info["application_name"] = "baton admin migrate";
    info["connect_timeout"] = "5";
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : info)
      keywords.push_back(keyword.c_str()), values.push_back(value.c_str());
    keywords.push_back(nullptr), values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      problem_ = StoreError{StoreErrorCode::Unavailable, "no connection to Postgres at " + place_ + ": " +
                                                             PQerrorMessage(connection_.get())};
  }

  const Failure& problem() const { return problem_; }
  const std::string& place() const { return place_; }

  /// The first column of the first row, or "". Does nothing once there is trouble.
  std::string run(const std::string& sql, const std::vector<std::string>& parameters = {}) {
    if (problem_) return {};
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter.c_str());
    // Without parameters several statements may stand in one text.
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        parameters.empty() ? PQexec(connection_.get(), sql.c_str())
                           : PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                          nullptr, values.data(), nullptr, nullptr, 0),
        &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      problem_ = StoreError{StoreErrorCode::Unavailable,
                            "Postgres at " + place_ + ": " + PQresultErrorMessage(result.get())};
      return {};
    }
    return status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Close> connection_;
  std::string place_;
  Failure problem_;
};

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

void apply(Database& database, const Migration& migration) {
  database.run("begin");
  database.run(std::string(migration.sql));
  database.run(
      "insert into migrations (version, name, checksum) values ($1::int, $2, $3)",
      {std::to_string(migration.version), std::string(migration.name), std::string(migration.checksum)});
  database.run("commit");
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

}  // namespace

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
Result<std::unique_ptr<Database>, StoreError> open_database(const std::string& conninfo,
                                                            const std::string& schema) {
  auto info = parse_conninfo(conninfo);
  if (!info.ok()) return Fail(StoreError{StoreErrorCode::Unavailable, info.error()});
  if (!is_schema_name(schema))
    return Fail(StoreError{StoreErrorCode::SchemaMismatch, schema_name_problem(schema)});
  const std::string place = place_of(*info);
  return std::make_unique<Database>(*info, place);
}

/// How many migrations are there; or why none can follow.
Result<std::size_t, StoreError> known_as_ours(Database& database, const std::string& schema,
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

std::string line_of(const std::string& schema, const Migration& migration) {
  return "schema " + schema + ": migration " + std::to_string(migration.version) + " (" +
         std::string(migration.name) + ")";
}

}  // namespace

Result<MigrateOutcome, StoreError> migrate(const std::string& conninfo, const std::string& schema,
                                           const std::function<void(std::string_view)>& progress) {
  auto opened = open_database(conninfo, schema);
  if (!opened.ok()) return Fail(opened.error());
  Database& database = **opened;
  database.run(kAdvisoryLock);
  if (database.run("select to_regnamespace($1) is null", {schema}) == "t")
    database.run("create schema " + schema);
  database.run("set search_path = " + schema +
               ", pg_temp");  // last: nobody's temporary table stands before ours
  database.run(kTable);
  const auto found = known_as_ours(database, schema, database.run(kApplied));
  if (!found.ok()) return Fail(found.error());
  for (const Migration& migration : migrations().subspan(*found)) {
    progress(line_of(schema, migration));
    apply(database, migration);
    if (database.problem()) return Fail(*database.problem());
  }
  database.run(kPartitions);
  if (database.problem()) return Fail(*database.problem());
  return outcome(*found);
}

Result<MigrateOutcome, StoreError> plan_migration(const std::string& conninfo, const std::string& schema,
                                                  const std::function<void(std::string_view)>& progress) {
  auto opened = open_database(conninfo, schema);
  if (!opened.ok()) return Fail(opened.error());
  Database& database = **opened;
  database.run("set default_transaction_read_only = on");
  database.run("set search_path = " + schema + ", pg_temp");
  const bool none = database.run("select to_regclass($1) is null", {schema + ".migrations"}) == "t";
  const auto found = known_as_ours(database, schema, none ? std::string() : database.run(kApplied));
  if (!found.ok()) return Fail(found.error());
  for (const Migration& migration : migrations().subspan(*found)) progress(line_of(schema, migration));
  return outcome(*found);
}

}  // namespace baton::postgres
