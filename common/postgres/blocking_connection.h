#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/flow_store.h"
#include "common/postgres/conninfo.h"

struct pg_conn;

namespace baton::postgres {

/// A connection of the operator's commands: every statement waits for its answer. Throws nothing and
/// remembers the first trouble, behind which nothing is done any more: Unavailable where the server is away
/// or has its own troubles, Conflict where it refused what it was asked.
class BlockingConnection {
 public:
  using Row = std::vector<std::string>;  // a null is ""

  BlockingConnection(Conninfo, const std::string& application_name);

  const std::optional<ports::StoreError>& problem() const { return problem_; }
  /// "host:port/database"
  const std::string& place() const { return place_; }

  /// The first column of the first row, or "". Without parameters several statements may stand in one text.
  std::string run(const std::string& sql, const std::vector<std::string>& parameters = {});
  std::vector<Row> rows(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// As run(); nothing: there is trouble, or another session held what it needs for longer than lock_timeout:
  /// that is no trouble, a transaction is to be rolled back.
  std::optional<std::string> run_unless_locked(const std::string& sql,
                                               const std::vector<std::string>& parameters = {});

 private:
  struct Answer;
  Answer ask(const std::string& sql, const std::vector<std::string>& parameters);
  static std::vector<Row> rows_of(const Answer&);
  void fail(const Answer&);

  struct Close {
    void operator()(pg_conn*) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
  std::string place_;
  std::optional<ports::StoreError> problem_;
};

/// How a command waits for a lock that daemons at work use: whoever comes behind a waiting one waits, too,
/// and Postgres tells nobody that a lock is free. So short waits, and many tries.
struct LockPatience {
  Millis wait;   // lock_timeout: others wait behind us so long at most …
  Millis pause;  // … and have so long for themselves before the next try
  int tries;
};

/// From now on run_unless_locked() waits so long.
void set_lock_timeout(BlockingConnection&, const LockPatience&);
/// True: a try has got what it needs. False: none has, or there is trouble, behind which none is made.
bool until_free(const BlockingConnection&, const LockPatience&, const std::function<bool()>& try_once);

}  // namespace baton::postgres
