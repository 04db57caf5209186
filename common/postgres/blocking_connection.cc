#include "common/postgres/blocking_connection.h"

#include <libpq-fe.h>

#include <thread>

#include "common/postgres/error_kind.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

constexpr const char* kConnectSeconds = "5";
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr const char* kHeldTooLong =
    "  hint: others had what it needs to themselves for longer than this waits (pg_stat_activity shows "
    "them); "
    "run this again";

std::string first_of(const std::vector<BlockingConnection::Row>& rows) {
  return rows.empty() || rows.front().empty() ? std::string() : rows.front().front();
}

}  // namespace

struct BlockingConnection::Answer {
  std::unique_ptr<PGresult, decltype(&PQclear)> result{nullptr, &PQclear};

  bool good() const {
    const auto status = PQresultStatus(result.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }
  std::string state() const {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    return state ? state : "";
  }
  bool locked() const { return state() == kLockNotAvailable; }
};

void BlockingConnection::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

BlockingConnection::BlockingConnection(Conninfo info, const std::string& application_name)
    : place_(place_of(info)) {
  info = with_watchfulness(std::move(info));
  info["application_name"] = application_name;
  info["connect_timeout"] = kConnectSeconds;
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

BlockingConnection::Answer BlockingConnection::ask(const std::string& sql,
                                                   const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  Answer answer;
  answer.result.reset(parameters.empty()
                          ? PQexec(connection_.get(), sql.c_str())
                          : PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                         nullptr, values.data(), nullptr, nullptr, 0));
  return answer;
}

void BlockingConnection::fail(const Answer& answer) {
  const auto kind = kind_of({answer.state(), "", ""});
  const bool away = PQstatus(connection_.get()) != CONNECTION_OK || kind == ErrorKind::Server ||
                    kind == ErrorKind::Slow || kind == ErrorKind::ReadOnly;
  problem_ = StoreError{away ? StoreErrorCode::Unavailable : StoreErrorCode::Conflict,
                        "Postgres at " + place_ + ": " + PQresultErrorMessage(answer.result.get())};
  if (answer.locked()) problem_->message += kHeldTooLong;
}

std::vector<BlockingConnection::Row> BlockingConnection::rows_of(const Answer& answer) {
  std::vector<Row> found;
  const PGresult* result = answer.result.get();
  for (int row = 0; row < PQntuples(result); ++row) {
    Row& cells = found.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column)
      cells.emplace_back(PQgetvalue(result, row, column));
  }
  return found;
}

std::vector<BlockingConnection::Row> BlockingConnection::rows(const std::string& sql,
                                                              const std::vector<std::string>& parameters) {
  if (problem_) return {};
  Answer answer;
  until_free([&] {
    answer = ask(sql, parameters);
    return !answer.locked() || in_transaction();
  });
  if (answer.good()) return rows_of(answer);
  fail(answer);
  return {};
}

bool BlockingConnection::in_transaction() const {
  return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

std::string BlockingConnection::run(const std::string& sql, const std::vector<std::string>& parameters) {
  return first_of(rows(sql, parameters));
}

std::optional<std::vector<BlockingConnection::Row>> BlockingConnection::rows_unless_locked(
    const std::string& sql, const std::vector<std::string>& parameters) {
  if (problem_) return std::nullopt;
  const Answer answer = ask(sql, parameters);
  if (answer.good()) return rows_of(answer);
  if (!answer.locked()) fail(answer);
  return std::nullopt;
}

std::optional<std::string> BlockingConnection::run_unless_locked(const std::string& sql,
                                                                 const std::vector<std::string>& parameters) {
  const auto found = rows_unless_locked(sql, parameters);
  if (!found) return std::nullopt;
  return first_of(*found);
}

void BlockingConnection::wait_for_locks(const LockPatience& patience) {
  run("set lock_timeout = " + std::to_string(patience.wait.count()));
  patience_ = patience;
}

bool BlockingConnection::until_free(const std::function<bool()>& try_once) const {
  for (int left = patience_.tries; left > 0; --left) {
    if (try_once()) return true;
    if (problem_) return false;
    if (left > 1) std::this_thread::sleep_for(patience_.pause);
  }
  return false;
}

}  // namespace baton::postgres
