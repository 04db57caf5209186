#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace baton::sqlite {

/// What the library said, for people. Busy: another connection has the file.
struct SqlError {
  enum class Kind { Busy, NoDatabase, Full, Other };
  Kind kind = Kind::Other;
  std::string message;
};

class Statement;

/// One open file. One thread at a time.
class Connection {
 public:
  /// Waits so long for a lock that another connection has.
  static constexpr Millis kBusyMax{2'000};

  static Result<Connection, SqlError> open(const std::string& path);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// From here on its end puts the log's pages into the file. Before, it leaves a file that was refused as it
  /// is.
  void take_over();

  Result<void, SqlError> run(const std::string& sql);
  Result<Statement, SqlError> prepare(std::string_view sql);
  /// The first column of the first row; nothing: there is no row.
  Result<std::optional<std::string>, SqlError> text(std::string_view sql);
  Result<std::int64_t, SqlError> number(std::string_view sql);
  SqlError error(std::string_view doing) const;

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

/// A prepared statement, used again and again. Its connection must outlive it.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  /// Of the next parameter, in order. Texts must live until run() or the end of the rows.
  Statement& bind(std::int64_t);
  Statement& bind(std::string_view);
  Statement& bind_blob(std::string_view);
  Statement& bind_nothing();

  /// One that gives no rows; its parameters are given anew afterwards.
  Result<void, SqlError> run();
  /// True: a row is there. False: none is left, and it begins anew.
  Result<bool, SqlError> next();

  std::int64_t number(int column) const;
  std::string text(int column) const;
  std::string blob(int column) const;
  bool is_nothing(int column) const;

 private:
  friend class Connection;
  Statement(Connection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  Connection* connection_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace baton::sqlite
