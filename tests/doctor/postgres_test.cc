#include "tests/doctor/found.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;
using postgres::HostLook;

namespace {

HostLook healthy(const std::string& place = "db:5432/baton") {
  HostLook look;
  look.end = HostLook::End::Asked;
  look.place = place;
  look.version = 150'004;
  look.version_text = "15.4";
  look.synchronous_commit = "on";
  look.connections = 7;
  look.connections_max = 97;
  look.said = look.asked_at = TimePoint(Micros(1'000'000));
  look.answered_at = TimePoint(Micros(1'002'000));
  return look;
}

/// Of a database with these servers.
std::vector<Finding> findings_of(std::vector<HostLook> hosts) {
  PostgresSeen seen;
  seen.place = "db:5432/baton";
  seen.schema = "baton";
  seen.hosts = std::move(hosts);
  Findings findings;
  judge_postgres(seen, findings);
  return findings.list();
}

Lines trouble_of(std::vector<HostLook> hosts) {
  return trouble_in(findings_of(std::move(hosts)));
}

/// Of one server that is healthy but for this.
template <class Change>
Lines trouble_with(Change change) {
  HostLook look = healthy();
  change(look);
  return trouble_of({look});
}

}  // namespace

TEST_CASE("a healthy Postgres has a line for each check and no trouble", "[doctor]") {
  CHECK(trouble_of({healthy()}).empty());
  CHECK(findings_of({healthy()}).size() == 11);
}

TEST_CASE("a Postgres that does not answer, or lets nobody in, is told apart", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) {
          look.end = HostLook::End::Unreachable, look.trouble = "connection refused";
        }) == Lines{"wrong postgres.reachable db:5432/baton: connection refused -> see whether Postgres runs "
                    "there, and whether postgres.conninfo is right"});
  CHECK(trouble_with([](HostLook& look) {
          look.end = HostLook::End::Refused, look.trouble = "password authentication failed";
        }) ==
        Lines{"wrong postgres.login db:5432/baton: password authentication failed -> see user, password "
              "and dbname in postgres.conninfo, the server's pg_hba.conf, and its log"});
  CHECK(trouble_with([](HostLook& look) {
          look.end = HostLook::End::Broken, look.trouble = "it has stopped answering";
        }) == Lines{"wrong postgres.login db:5432/baton: it let us in, then: it has stopped answering -> "
                    "see its log"});
}

TEST_CASE("settings with which Postgres loses what it confirms are wrong, each by its name", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) { look.fsync = false; }) ==
        Lines{"wrong postgres.fsync db:5432/baton: fsync is off -> set fsync = on in postgresql.conf and "
              "restart it"});
  CHECK(
      trouble_with([](HostLook& look) { look.full_page_writes = false; }) ==
      Lines{"wrong postgres.full_page_writes db:5432/baton: full_page_writes is off -> set full_page_writes "
            "= on in postgresql.conf and reload it"});
  CHECK(trouble_with([](HostLook& look) { look.synchronous_commit = "local"; }) ==
        Lines{"wrong postgres.synchronous_commit db:5432/baton: synchronous_commit is local -> set it to on, "
              "for this user or database too (alter role, alter database)"});
  CHECK(trouble_with([](HostLook& look) { look.synchronous_commit = "remote_apply"; }).empty());
}

TEST_CASE("standbys that no commit waits for, and commits that wait for none, are told", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) { look.standbys = 2; }) ==
        Lines{"warning postgres.standbys db:5432/baton: 2 standbys and no commit waits for one -> set "
              "synchronous_standby_names"});
  CHECK(trouble_with([](HostLook& look) { look.standbys_awaited = true; }) ==
        Lines{"wrong postgres.standbys db:5432/baton: synchronous_standby_names is set and no standby "
              "follows: no commit ends -> bring a standby back, or empty synchronous_standby_names"});
  CHECK(trouble_with([](HostLook& look) { look.standbys = 1, look.standbys_awaited = true; }).empty());
}

TEST_CASE("of several servers exactly one is the primary", "[doctor]") {
  HostLook standby = healthy("db-2:5432/baton");
  standby.standby = true;
  CHECK(trouble_of({healthy(), standby}).empty());
  CHECK(trouble_of({standby}) ==
        Lines{"wrong postgres.primary db:5432/baton: only standbys answer: "
              "db-2:5432/baton -> add the primary to postgres.conninfo; if none runs, promote one"});
  HostLook silent = healthy();
  silent.end = HostLook::End::Unreachable, silent.trouble = "timeout";
  const auto unsure = trouble_of({silent, standby});
  REQUIRE(unsure.size() == 2);
  CHECK(
      unsure[1] ==
      "wrong postgres.primary db:5432/baton: only standbys answer: db-2:5432/baton -> db:5432/baton did not "
      "answer: find out whether it runs before anything is promoted");
  CHECK(trouble_of({healthy(), healthy("db-3:5432/baton")}) ==
        Lines{"wrong postgres.primary db:5432/baton: several primaries: db:5432/baton and db-3:5432/baton -> "
              "stop the old one at once: what it confirms is lost"});
  CHECK(trouble_with([](HostLook& look) { look.read_only = true; }) ==
        Lines{"wrong postgres.primary db:5432/baton: it is read only (default_transaction_read_only) -> set "
              "default_transaction_read_only = off, for this user and database too"});
}

TEST_CASE("a schema of another version comes with what to do", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) {
          look.schema_problem =
              "Postgres at db, schema baton: found version 5, this program needs version 6; "
              "run 'baton admin migrate --settings FILE'";
        }) ==
        Lines{"wrong postgres.schema db:5432/baton: Postgres at db, schema baton: found version 5, this "
              "program needs version 6 -> run 'baton admin migrate --settings FILE'"});
}

TEST_CASE("a schema's name that no daemon takes is wrong", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) { look.schema_problem = postgres::schema_name_problem("Baton"); }) ==
        Lines{"wrong postgres.schema db:5432/baton: 'Baton' cannot be a schema's name: use small letters, "
              "digits and _ -> mend postgres.schema"});
}

TEST_CASE("a role that is not told of other sessions has not looked at them", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) { look.sees_sessions = false, look.role = "plain"; }) ==
        Lines{"not looked at postgres.idle_in_transaction db:5432/baton: role plain is not told what the "
              "sessions of others do -> grant pg_read_all_stats to plain"});
}

TEST_CASE("few connections, idle transactions, no autovacuum and old versions are told", "[doctor]") {
  CHECK(trouble_with([](HostLook& look) { look.connections = 88; }) ==
        Lines{"warning postgres.connections db:5432/baton: 88 of 97 connections taken -> raise "
              "max_connections: a conductor takes 3"});
  CHECK(
      trouble_with([](HostLook& look) { look.connections = 95; }) ==
      Lines{"wrong postgres.connections db:5432/baton: 95 of 97 connections taken -> raise max_connections, "
            "or see who holds them (pg_stat_activity)"});
  CHECK(trouble_with([](HostLook& look) {
          look.idle_in_transaction = 1, look.longest_idle_in_transaction = Millis(7 * 60'000);
        }) ==
        Lines{"warning postgres.idle_in_transaction db:5432/baton: 1 session idle in a transaction, the "
              "longest for 7 min -> see pg_stat_activity; idle_in_transaction_session_timeout ends such "
              "sessions"});
  CHECK(
      trouble_with([](HostLook& look) { look.autovacuum = false; }) ==
      Lines{"warning postgres.autovacuum db:5432/baton: autovacuum is off -> set autovacuum = on and reload "
            "it"});
  CHECK(trouble_with([](HostLook& look) { look.version = 120'000, look.version_text = "12.0"; }) ==
        Lines{"warning postgres.version db:5432/baton: version 12.0 -> bring it to 13 or later"});
}
