#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/flow_store.h"
#include "common/postgres/conninfo.h"
#include "common/postgres/lock_patience.h"

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

  /// How locks are waited for from now on; before that each is, without an end.
  void wait_for_locks(const LockPatience&);

  /// The first column of the first row, or "". Without parameters several statements may stand in one text.
  /// What stands by itself is tried as often as locks are; in a transaction a lock that others have is
  /// trouble.
  std::string run(const std::string& sql, const std::vector<std::string>& parameters = {});
  std::vector<Row> rows(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// One try. Nothing: there is trouble, or another session held what it needs for too long: that is no
  /// trouble, a transaction is to be rolled back.
  std::optional<std::string> run_unless_locked(const std::string& sql,
                                               const std::vector<std::string>& parameters = {});
  std::optional<std::vector<Row>> rows_unless_locked(const std::string& sql,
                                                     const std::vector<std::string>& parameters = {});
  /// True: a try has got what it needs. False: none has, or there is trouble, behind which none is made.
  bool until_free(const std::function<bool()>& try_once) const;

 private:
  struct Answer;
  Answer ask(const std::string& sql, const std::vector<std::string>& parameters);
  bool in_transaction() const;
  static std::vector<Row> rows_of(const Answer&);
  void fail(const Answer&);

  struct Close {
    void operator()(pg_conn*) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
  std::string place_;
  LockPatience patience_{Millis{0}, Millis{0}, 1};
  std::optional<ports::StoreError> problem_;
};

}  // namespace baton::postgres
