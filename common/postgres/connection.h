#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/time.h"
#include "common/postgres/conninfo.h"
#include "common/postgres/result_set.h"

namespace baton::postgres {

class HostResolver;

/// A statement's text, which is its identity too: prepared once a connection, at its first use.
/// Must live as long as the program.
struct StatementText {
  const char* name;
  const char* sql;
};

/// One execution. Parameters are in binary format (parameters.h); nullopt is NULL.
struct Statement {
  const StatementText* text = nullptr;
  std::vector<std::optional<std::string>> parameters;
};

struct SqlError {
  std::string state;  // SQLSTATE; empty: not from the server
  std::string message;
  std::string detail;
};

/// How a transaction ended. Committed only after the server's word that comes behind the commit; RolledBack:
/// an error came, and nothing was done; Unknown: anything else.
struct RunOutcome {
  enum class End { Committed, RolledBack, Unknown };
  End end = End::Unknown;
  std::vector<ResultSet> results;  // of Committed: one a statement
  SqlError error;                  // of the others
};

/// One life of a connection to Postgres: libpq's asynchronous interface on an Asio loop.
///
/// Statements of one run() go out as one pipeline and form one transaction, in one round trip. One run at a
/// time. Ends at the first trouble; session.h makes a new one.
/// Threads: the io_context's only. Callbacks come from the loop, never inline, and not after close().
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Opened = std::function<void(std::optional<SqlError>)>;
  using Ran = std::function<void(RunOutcome)>;
  using Lost = std::function<void(const SqlError&)>;
  using Notified = std::function<void(std::string_view payload)>;

  /// Without a resolver the system's.
  static std::shared_ptr<Connection> make(boost::asio::io_context&, std::shared_ptr<HostResolver> = nullptr);
  virtual ~Connection() = default;

  /// Tries the hosts, and each address of a name, from the n-th on (`first`, rotated()). `lost` is called at
  /// most once, after an Opened without error, behind the Ran of what was under way.
  /// `notified` comes behind the Ran of every run that the server had ended before it told us.
  virtual void open(const Conninfo&, std::size_t first, Millis timeout, Opened, Lost, Notified = {}) = 0;
  /// Given up when nothing has come from the server for `silence_max`; a long answer may take its time.
  virtual void run(std::vector<Statement>, Millis silence_max, Ran) = 0;
  virtual bool idle() const = 0;  // open, and no run under way
  /// As if it were lost: what is under way ends Unknown.
  virtual void drop(SqlError why) = 0;
  virtual void close() = 0;
};

}  // namespace baton::postgres
