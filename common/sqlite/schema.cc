#include "common/sqlite/schema.h"

namespace baton::sqlite {
namespace {

/// An atom's row is found by its job's number and its own, in one number: kAtomsPerFlowMax fits below the
/// shift (row_writer.h). Times are micros since 1970, values the bytes that were received.
constexpr const char* kTables = R"sql(
CREATE TABLE jobs (number INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, flow BLOB NOT NULL, posting TEXT NOT NULL,
  run INTEGER NOT NULL, content TEXT NOT NULL, state INTEGER NOT NULL, generation INTEGER NOT NULL,
  czxid INTEGER NOT NULL, conductor TEXT NOT NULL, conductor_name TEXT NOT NULL, board_path TEXT NOT NULL,
  posted_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER, removed_at INTEGER, failure TEXT,
  last_flow_seq INTEGER NOT NULL);
CREATE TABLE postings (uuid TEXT PRIMARY KEY, posting TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE plans (job INTEGER PRIMARY KEY, plan BLOB NOT NULL);
CREATE TABLE atoms (id INTEGER PRIMARY KEY, name TEXT NOT NULL, state INTEGER NOT NULL, intention INTEGER NOT NULL,
  attempt INTEGER NOT NULL, dispatch INTEGER NOT NULL, seq INTEGER NOT NULL, worker TEXT, worker_name TEXT,
  deliveries INTEGER, start_deadline INTEGER, close_deadline INTEGER, result TEXT, failure TEXT, revert_result TEXT,
  revert_failure TEXT, history TEXT, started_at INTEGER, ended_at INTEGER);
CREATE TABLE ranges (job INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  intention INTEGER NOT NULL, reset INTEGER NOT NULL);
CREATE TABLE history (id INTEGER PRIMARY KEY, job INTEGER NOT NULL, at INTEGER NOT NULL, run INTEGER NOT NULL,
  seq INTEGER NOT NULL, atom TEXT NOT NULL, state TEXT NOT NULL, intention TEXT NOT NULL, attempt INTEGER NOT NULL,
  dispatch INTEGER NOT NULL, worker TEXT NOT NULL, data TEXT, range_first TEXT, range_last TEXT,
  range_atoms INTEGER, range_reset INTEGER, claim TEXT, taken TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, job TEXT NOT NULL, run INTEGER NOT NULL, asked TEXT NOT NULL,
  ordered_at INTEGER NOT NULL, taken_at INTEGER, no_effect TEXT NOT NULL);
CREATE TABLE trashed (path TEXT PRIMARY KEY, why TEXT NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE standing (kind INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (kind, name)) WITHOUT ROWID;
)sql";
constexpr const char* kTablesOfVersion2 = R"sql(
CREATE TABLE flow_files (name TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, who TEXT NOT NULL,
  why TEXT NOT NULL, stored_at INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (name, version));
)sql";
constexpr const char* kTablesOfVersion3 = R"sql(
CREATE TABLE hook_calls (id INTEGER PRIMARY KEY, job TEXT NOT NULL, run INTEGER NOT NULL, flow TEXT,
  event INTEGER NOT NULL, occasion INTEGER NOT NULL, hook TEXT NOT NULL, about TEXT NOT NULL, state INTEGER NOT NULL,
  attempts INTEGER NOT NULL, recorded_at INTEGER NOT NULL, next_at INTEGER NOT NULL, ended_at INTEGER, holder TEXT,
  holder_name TEXT NOT NULL, last_error TEXT NOT NULL);
)sql";

// Of a file of version 3 an earlier program cannot read every event, either.
constexpr const char* kTablesOfVersion4 =
    "ALTER TABLE hook_calls ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0; ";

SqlError refuse(const std::string& what) {
  return {SqlError::Kind::NoDatabase, what};
}

/// Two syncs until somebody is told of the first commit, each of which costs a start some milliseconds: the
/// file's first page, which needs no journal on the disk (there is nothing to go back to), and that commit's
/// log, which has the tables, too. A file that is cut off in between has no tables yet and is made anew.
Result<void, SqlError> make_tables(Connection& file) {
  return file.run(
      "PRAGMA journal_mode = MEMORY; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN IMMEDIATE; " +
      std::string(kTables) + kTablesOfVersion2 + kTablesOfVersion3 + kTablesOfVersion4 +
      "PRAGMA application_id = " + std::to_string(kApplicationId) +
      "; PRAGMA user_version = " + std::to_string(kSchemaVersion) + "; COMMIT; PRAGMA synchronous = FULL");
}

/// quick_check reads every page: a file that was cut or written over is found before anything is done by it.
Result<void, SqlError> check_whole(Connection& file) {
  const auto said = file.text("PRAGMA quick_check(1)");
  if (!said.ok()) return Fail(said.error());
  if (said.value() == "ok") return {};
  return Fail(refuse("the file is damaged: " + said.value().value_or("it cannot be checked")));
}

/// One transaction: a file is of the one version or of the other.
Result<void, SqlError> upgrade(Connection& file, std::int64_t version) {
  return file.run("BEGIN IMMEDIATE; " + std::string(version < 2 ? kTablesOfVersion2 : "") +
                  (version < 3 ? kTablesOfVersion3 : "") + kTablesOfVersion4 +
                  "PRAGMA user_version = " + std::to_string(kSchemaVersion) + "; COMMIT");
}

}  // namespace

Result<void, SqlError> prepare_schema(Connection& file) {
  const auto application = file.number("PRAGMA application_id");
  if (!application.ok()) return Fail(application.error());
  const auto tables = file.number("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return Fail(tables.error());
  if (application.value() == 0 && tables.value() == 0) return make_tables(file);
  if (application.value() != kApplicationId) return Fail(refuse("it is another program's database"));
  const auto version = file.number("PRAGMA user_version");
  if (!version.ok()) return Fail(version.error());
  if (version.value() < 1 || version.value() > kSchemaVersion)
    return Fail(refuse("its version is " + std::to_string(version.value()) + ", and this program knows " +
                       std::to_string(kSchemaVersion)));
  if (auto whole = check_whole(file); !whole.ok()) return whole;
  return version.value() < kSchemaVersion ? upgrade(file, version.value()) : Result<void, SqlError>();
}

}  // namespace baton::sqlite
