#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "common/postgres/migrator.h"
#include "tests/support/services.h"

namespace baton::test {

/// A plain blocking connection for what a test does behind the store's back.
class Psql {
 public:
  explicit Psql(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {
    INFO(PQerrorMessage(connection_.get()));
    REQUIRE(PQstatus(connection_.get()) == CONNECTION_OK);
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }
  /// The first column of the first row; "" without one.
  std::string operator()(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()),
                                                               &PQclear);
    INFO(sql << ": " << PQresultErrorMessage(result.get()));
    const auto status = PQresultStatus(result.get());
    REQUIRE((status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK));
    return status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// A schema of a test's own in the tests' Postgres, migrated; dropped at the end.
class PostgresSchema {
 public:
  enum class Migrated { Yes, No };
  explicit PostgresSchema(Migrated migrated = Migrated::Yes, std::string conninfo = services().postgres)
      : conninfo_(std::move(conninfo)),
        name_("test_" + std::to_string(::getpid()) + "_" +
              std::to_string(std::chrono::steady_clock::now().time_since_epoch().count())) {
    if (migrated == Migrated::No) return;
    const auto outcome = postgres::migrate(conninfo_, name_, [](std::string_view) {});
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
  }
  ~PostgresSchema() {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo_.c_str()), &PQfinish);
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    PQclear(PQexec(connection.get(), ("drop schema if exists " + name_ + " cascade").c_str()));
  }
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;

  const std::string& conninfo() const { return conninfo_; }
  const std::string& name() const { return name_; }
  Psql psql() const {
    Psql psql(conninfo_);
    psql("set search_path = " + name_);
    return psql;
  }

 private:
  std::string conninfo_;
  std::string name_;
};

}  // namespace baton::test
