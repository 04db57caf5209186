#pragma once

#include <string>

namespace baton::test {

/// A Postgres of one test's own, to be promoted, misconfigured and killed: the dev cluster's, in a folder of
/// its own. Its end removes everything.
class OwnPostgres {
 public:
  OwnPostgres();
  /// A copy of another one that follows it, until it is promoted.
  static OwnPostgres standby_of(const OwnPostgres& primary);
  ~OwnPostgres();
  OwnPostgres(const OwnPostgres&) = delete;
  OwnPostgres& operator=(const OwnPostgres&) = delete;

  const std::string& conninfo() const { return conninfo_; }
  std::string port() const;

 private:
  explicit OwnPostgres(const std::string& environment);
  int launcher(const std::string& words, std::string* said = nullptr) const;

  const std::string folder_;
  const std::string environment_;
  std::string conninfo_;
};

}  // namespace baton::test
