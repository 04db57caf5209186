#include "common/sqlite/connection.h"

#include <sqlite3.h>

#include <utility>

#include "common/model/assert.h"

namespace baton::sqlite {

Result<Connection, SqlError> Connection::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int said = ::sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection opened(handle);
  if (said != SQLITE_OK) return Fail(opened.error("cannot be opened"));
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, static_cast<int>(kBusyMax.count()));
  ::sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return opened;
}

Connection::Connection(Connection&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Connection::~Connection() {
  ::sqlite3_close_v2(handle_);  // null is nothing to it
}

void Connection::take_over() {
  ::sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

SqlError Connection::error(std::string_view doing) const {
  const int code = handle_ ? ::sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
  SqlError error;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.kind = SqlError::Kind::Busy;
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      error.kind = SqlError::Kind::NoDatabase;
      break;
    case SQLITE_FULL:
      error.kind = SqlError::Kind::Full;
      break;
    default:
      break;
  }
  error.message = std::string(doing) + ": " + (handle_ ? ::sqlite3_errmsg(handle_) : "no memory");
  return error;
}

Result<void, SqlError> Connection::run(const std::string& sql) {
  if (::sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return Fail(error(sql.substr(0, sql.find_first_of(" ;\n"))));
}

Result<Statement, SqlError> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int said = ::sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (said != SQLITE_OK) return Fail(error(sql.substr(0, 60)));
  return Statement(*this, made);
}

Result<std::optional<std::string>, SqlError> Connection::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement.ok()) return Fail(statement.error());
  const auto row = statement->next();
  if (!row.ok()) return Fail(row.error());
  if (!row.value()) return std::optional<std::string>();
  return std::optional<std::string>(statement->text(0));
}

Result<std::int64_t, SqlError> Connection::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement.ok()) return Fail(statement.error());
  const auto row = statement->next();
  if (!row.ok()) return Fail(row.error());
  return row.value() ? statement->number(0) : 0;
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  ::sqlite3_finalize(statement_);
}

Statement& Statement::bind(std::int64_t number) {
  const int said = ::sqlite3_bind_int64(statement_, ++bound_, number);
  BATON_ASSERT(said == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  const int said = ::sqlite3_bind_text64(statement_, ++bound_, text.data() ? text.data() : "", text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
  BATON_ASSERT(said == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  const int said = ::sqlite3_bind_blob64(statement_, ++bound_, bytes.data() ? bytes.data() : "", bytes.size(),
                                         SQLITE_STATIC);
  BATON_ASSERT(said == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_nothing() {
  const int said = ::sqlite3_bind_null(statement_, ++bound_);
  BATON_ASSERT(said == SQLITE_OK);
  return *this;
}

Result<void, SqlError> Statement::run() {
  const auto row = next();
  if (!row.ok()) return Fail(row.error());
  BATON_ASSERT(!row.value());
  return {};
}

Result<bool, SqlError> Statement::next() {
  const int said = ::sqlite3_step(statement_);
  if (said == SQLITE_ROW) return true;
  std::optional<SqlError> failed;
  if (said != SQLITE_DONE)
    failed = connection_->error(std::string_view(::sqlite3_sql(statement_)).substr(0, 60));
  ::sqlite3_reset(statement_);
  bound_ = 0;
  if (failed) return Fail(*std::move(failed));
  return false;
}

std::int64_t Statement::number(int column) const {
  return ::sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(statement_, column));
  return text ? std::string(text, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))) : "";
}

std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column)))
               : "";
}

bool Statement::is_nothing(int column) const {
  return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace baton::sqlite
