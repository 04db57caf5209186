#pragma once

#include <future>

#include "common/postgres/pruner.h"
#include "tests/contract/store/store_story.h"

namespace baton::test {

/// Of one who does not wait long until others are out of the way.
inline constexpr postgres::LockPatience kLittlePatience{Millis{20}, Millis{5}, 3};

/// Jobs that ended, or did not, in weeks that are long over; each with two atoms.
struct PruneStory : StoreStory<PostgresStores> {
  PruneStory() : psql(stores.schema().psql()) {}

  void begin(const std::string& job) {
    claims[job] = owned(request(posting(job), ++zxid, "c1"));
    must_append(first_step(claims[job],
                           {flow_fact(1, FlowState::Pending, FlowState::Running),
                            atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)},
                           2));
  }
  void end(const std::string& job, std::vector<ports::NewHookCall> calls = {}) {
    auto last = step(claims[job], {success(3, 0, 1, 1, Value::of_number(1)),
                                   flow_fact(4, FlowState::Running, FlowState::Success)});
    last.hook_calls = std::move(calls);
    must_append(last);
    Answer<void> removed;
    store->mark_removed(JobId(job), 1, removed.done());
    REQUIRE(wait(removed).ok());
  }
  void ended(const std::string& job) {
    begin(job);
    end(job);
  }
  /// So many that are over, "job-1" the first, ten in a second.
  void over(int jobs) {
    psql(
        "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
        "conductor, posted_at, updated_at, finished_at, removed_at) select 'job-' || n, gen_random_uuid(), "
        "'n', 'f', 2, 1, 2, '/b/jobs/' || n, '{}', '', 'c', now(), now(), t, t from (select n, "
        "date_trunc('day', now() - interval '60 days') + n / 10 * interval '1 s' as t from "
        "generate_series(1, " +
        std::to_string(jobs) + ") n) ends");
    psql(
        "insert into flows (id, job, epoch_generation, epoch_czxid, conductor, run, state) select flow, "
        "uuid, 1, 1, gen_random_uuid(), 1, 2 from jobs");
  }
  /// The partition of the week so many weeks ago.
  std::string week(int ago) {
    return psql("select 'history_' || to_char(date_trunc('week', now() at time zone 'UTC') - " +
                std::to_string(ago) + " * interval '7 days', 'YYYYMMDD')");
  }
  void make_week(int ago) {
    const std::string part = week(ago),
                      start = "to_date('" + part.substr(8) + "', 'YYYYMMDD')::timestamp at time zone 'UTC'";
    psql("create table " + part + " (like history including defaults)");
    psql("alter table history attach partition " + part + " for values from ('" + psql("select " + start) +
         "') to ('" + psql("select " + start + " + interval '7 days'") + "')");
  }
  /// As if it had all happened then, its end too.
  void happened(const std::string& job, int weeks_ago) {
    const std::string then = " - " + std::to_string(weeks_ago) + " * interval '7 days'";
    psql("update history set at = at" + then + " where flow = '" + claims[job].flow.value.to_string() + "'");
    psql("update jobs set finished_at = finished_at" + then + " where uuid = '" + job + "'");
  }
  std::future<Result<postgres::PruneOutcome, ports::StoreError>> prune_beside() {
    return std::async(std::launch::async, [request = prune_request()] { return postgres::prune(request); });
  }
  /// By a session that ends, so that its part of the statistics has been told.
  void prepare(const std::vector<std::string>& statements) {
    std::string pid;
    {
      Psql other = stores.schema().psql();
      pid = other("select pg_backend_pid()");
      for (const auto& statement : statements) other(statement);
    }
    REQUIRE(stores.run_until(
        [&] { return psql("select count(*) from pg_stat_activity where pid = " + pid) == "0"; }));
  }
  /// The prune of this schema has been refused a lock, and waits before it tries again.
  void until_it_waits(const std::string& last_query) {
    REQUIRE(stores.run_until([&] {
      return psql(
                 "select count(*) from pg_stat_activity join pg_locks using (pid) where locktype = "
                 "'advisory' and "
                 "objid::int8 = hashtext('baton.prune ' || current_schema())::int8 & 4294967295 and "
                 "state like 'idle%' and starts_with(query, '" +
                 last_query + "')") != "0";
    }));
  }
  /// The prune of this schema wants a lock that another session has.
  void until_it_wants(const std::string& table, const std::string& mode) {
    REQUIRE(stores.run_until([&] {
      return psql("select count(*) from pg_locks where not granted and mode = '" + mode +
                  "' and relation = '" + table + "'::regclass") != "0";
    }));
  }
  postgres::PruneRequest prune_request() {
    postgres::PruneRequest request;
    request.conninfo = stores.schema().conninfo();
    request.schema = stores.schema().name();
    request.older_than = std::chrono::hours{14 * 24};
    return request;
  }
  postgres::PruneOutcome prune(bool dry_run = false) {
    auto request = prune_request();
    request.dry_run = dry_run;
    return prune(request);
  }
  postgres::PruneOutcome prune(const postgres::PruneRequest& request) {
    const auto outcome = postgres::prune(request);
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    return outcome.value();
  }
  std::string count(const std::string& table, const std::string& job) {
    return psql("select count(*) from " + table + " where flow = '" + claims[job].flow.value.to_string() +
                "'");
  }
  bool is_there(const std::string& part) {
    return psql("select to_regclass('" + part + "') is not null") == "t";
  }
  std::optional<TimePoint> told_pruned(const std::string& job) {
    Answer<ports::HistoryPage> answer;
    store->history(JobId(job), 0, 10, answer.done());
    const auto page = wait(answer);
    REQUIRE_FALSE(page.ok());
    CHECK(page.error().code == ports::StoreErrorCode::NotFound);
    return page.error().pruned_before;
  }

  Psql psql;
  std::map<std::string, ports::ClaimOutcome> claims;
  std::int64_t zxid = 100;
};

}  // namespace baton::test
