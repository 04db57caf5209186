#include "common/postgres/pruner.h"

#include "common/postgres/migrator.h"
#include "common/postgres/prune_weeks.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;
using Row = BlockingConnection::Row;

constexpr const char* kBefore =
    "select to_char((now() - $1::int8 * interval '1 s') at time zone 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
constexpr const char* kOneAtATime =
    "select pg_try_advisory_lock(hashtext('baton.prune ' || current_schema()))";
constexpr const char* kOver =
    "select pg_advisory_unlock_all()";  // a session ends some time after it is closed

// Portions go through the keys, whatever the statistics say of tables that are being emptied.
constexpr const char* kPlans =
    "set jit = off; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";
// The end of a job comes as a text and goes back as one; other styles have names of time zones, which may be
// read as another zone's.
constexpr const char* kDates = "set datestyle = iso";

#define BATON_COUNT_AND_FIRST(which)             \
  ", count(*) filter (where " which              \
  "), coalesce((array_agg(uuid order by number)" \
  " filter (where " which "))[1], '')"
constexpr const char* kLook =
    "select max(number)"  //
    BATON_COUNT_AND_FIRST("ended and not noted")
    BATON_COUNT_AND_FIRST("ended and noted and ordered")
    BATON_COUNT_AND_FIRST("ended and noted and called and not ordered")
    ", count(*) filter (where over),"
    "  coalesce(sum((select atoms from plans p where p.flow = j.flow)) filter (where over), 0)"
    " from (select j.*, ended and noted and not ordered and not called as over from (select number, uuid, flow,"
    "   coalesce(j.finished_at < $1::timestamptz, false) as ended, j.removed_at is not null as noted,"
    "   " BATON_ORDERED " as ordered, " BATON_TO_BE_CALLED " as called"
    "  from jobs j where j.number > $2::int8 order by j.number limit $3::int8) j) j";

// Locked first and judged again behind that: a snapshot from before the locks would not show an order that
// was recorded meanwhile, nor a call that was ordered again. What another session holds is passed over:
// nobody waits for it, and it is counted last of all.
constexpr const char* kLockOver =
    "select coalesce(array_agg(uuid), '{}')::text,"
    "  (array_agg(finished_at::text order by finished_at desc, number desc))[1],"
    "  (array_agg(number order by finished_at desc, number desc))[1]"
    " from (select j.uuid, j.finished_at, j.number from jobs j join flows f on f.id = j.flow"
    "  where (j.finished_at, j.number) > ($3::timestamptz, $4::int8) and " BATON_IS_OVER
    "  order by j.finished_at, j.number limit $2::int8 for update of f, j skip locked) l";
constexpr const char* kWithoutHeldCalls =
    "with got as (select id, job from hook_calls where job = any($1::text[]) for update skip locked),"
    " held as (select id, job from hook_calls where job = any($1::text[]) except select id, job from got)"
    " select coalesce(array_agg(uuid), '{}')::text from unnest($1::text[]) uuid"
    " where uuid not in (select job from held)";
constexpr const char* kLeft = "select max(number)" BATON_COUNT_AND_FIRST(
    "over") " from (select j.number, j.uuid, " BATON_IS_OVER
            " as over"
            "  from jobs j where j.number > $2::int8 order by j.number limit $3::int8) j";
constexpr const char* kDeleteJobs =
    "with gone as (delete from jobs j where j.uuid = any($2::text[]) and " BATON_IS_OVER
    "   returning j.uuid, j.flow),"
    " o as (delete from orders where job in (select uuid from gone)),"
    " h as (delete from hook_calls where job in (select uuid from gone)),"
    " s as (delete from scopes where flow in (select flow from gone)),"
    " f as (delete from flows where id in (select flow from gone)),"
    " p as (insert into pruned_flows (flow) select flow from gone on conflict do nothing)"
    " select count(*) from gone";

constexpr const char* kDeleteAtoms =
    "with a as (delete from atoms where ctid = any(array(select a.ctid from atoms a"
    "   where a.flow in " BATON_NEXT_PRUNED " limit $2::int8)) returning 1) select count(*) from a";
constexpr const char* kDeletePlans =
    "with f as (delete from pruned_flows where flow in " BATON_NEXT_PRUNED
    " returning flow),"
    " p as (delete from plans where flow in (select flow from f)) select count(*) from f";

void add(StayingJobs& to, const std::string& count, const std::string& first) {
  to.jobs += number_of(count);
  if (to.first.empty()) to.first = first;
}

/// One prune, or one look at what it would do.
class Prune {
 public:
  Prune(BlockingConnection& database, const PruneRequest& request) : database_(database), request_(request) {}

  PruneOutcome run() {
    outcome_.before = database_.run(kBefore, {std::to_string(request_.older_than.count())});
    PruneWeeks weeks(database_, outcome_.before, request_);
    look_over_jobs();
    if (!request_.dry_run) {
      delete_jobs();
      delete_rests(weeks);
    }
    outcome_.partitions = weeks.look();
    if (!request_.dry_run) {
      outcome_.default_rows = weeks.clean_default();
      count_left();
    }
    return std::move(outcome_);
  }

 private:
  void look_over_jobs() {
    each_page(database_, outcome_.before, kPruneLookMax, kLook, [this](const Row& page) {
      add(outcome_.on_board, page[1], page[2]);
      add(outcome_.for_order, page[3], page[4]);
      add(outcome_.for_call, page[5], page[6]);
      if (!request_.dry_run) return true;
      outcome_.jobs += number_of(page[7]);
      outcome_.atoms += number_of(page[8]);
      return true;
    });
  }

  /// Recorded before the first one goes: whoever looks for one is told.
  void delete_jobs() {
    database_.run("insert into prunes (before) values ($1::timestamptz)", {outcome_.before});
    Portion jobs(kPruneJobsPerCommitMax);
    auto end = Tried::Gone;
    const auto try_once = [&] {
      end = in_portion(jobs, [this](std::int64_t most) { return try_to_delete(most); });
      return end != Tried::Locked;
    };
    while (end == Tried::Gone && database_.until_free(try_once)) {
    }
  }

  struct Tried {
    enum End {
      Gone,      // all of a portion but those that others hold; more may come
      NoneLeft,  // of all jobs
      Locked     // somebody has a whole table for himself: the same again
    } end;
    std::int64_t jobs = 0;
  };
  Tried::End try_to_delete(std::int64_t most) {
    database_.run("begin");
    const Tried tried = delete_next(most);
    database_.run(tried.end == Tried::Gone ? "commit" : "rollback");
    if (!database_.problem()) outcome_.jobs += tried.jobs;
    return tried.end;
  }

  /// The next ones by their end.
  Tried delete_next(std::int64_t most) {
    const auto locked = database_.rows_unless_locked(
        kLockOver, {outcome_.before, std::to_string(most), last_end_, last_number_});
    if (!locked) return {Tried::Locked};
    const Row& jobs = locked->front();
    if (jobs[2].empty()) return {Tried::NoneLeft};
    const auto uuids = database_.run_unless_locked(kWithoutHeldCalls, {jobs[0]});
    if (!uuids) return {Tried::Locked};
    const auto count = database_.run_unless_locked(kDeleteJobs, {outcome_.before, *uuids});
    if (!count) return {Tried::Locked};
    last_end_ = jobs[1];
    last_number_ = jobs[2];
    return {Tried::Gone, number_of(*count)};
  }

  /// What jobs that are gone have left: atoms, rows in weeks that stay, plans.
  void delete_rests(PruneWeeks& weeks) {
    Portion atoms(kPruneAtomsPerCommitMax), plans(kPruneJobsPerCommitMax);
    for (std::int64_t more = 1; more > 0;) {
      const std::int64_t flows = plans.now();
      for (bool full = true; full;)
        full = in_portion(atoms, [&](std::int64_t most) {
          const auto gone =
              number_of(database_.run(kDeleteAtoms, {std::to_string(flows), std::to_string(most)}));
          outcome_.atoms += gone;
          return gone == most;
        });
      weeks.remove_of_pruned(flows);
      more = in_portion(plans, [&](std::int64_t) {
        return number_of(database_.run(kDeletePlans, {std::to_string(flows)}));
      });
    }
  }

  /// Last of all, so that nothing waits for what only counts.
  void count_left() {
    each_page(database_, outcome_.before, kPruneLookMax, kLeft, [this](const Row& page) {
      add(outcome_.busy, page[1], page[2]);
      return true;
    });
  }

  BlockingConnection& database_;
  const PruneRequest& request_;
  PruneOutcome outcome_;
  std::string last_end_ = "-infinity", last_number_ = "0";  // as Postgres has them, of the last job locked
};

StoreError told(StoreError error, const PruneOutcome& until_then, bool dry_run) {
  while (error.message.ends_with('\n')) error.message.pop_back();
  if (!dry_run && until_then.jobs + until_then.atoms > 0)
    error.message += "\n  until then " + std::to_string(until_then.jobs) + " jobs and " +
                     std::to_string(until_then.atoms) + " atoms have gone; the next prune goes on from there";
  return error;
}

}  // namespace

std::optional<std::string> too_young(std::chrono::seconds older_than) {
  if (older_than >= kPruneAgeMin) return std::nullopt;
  return "too young: at least " + std::to_string(kPruneAgeMin.count()) +
         "h, people still look at what has just ended, and a poster that tries again would have it run again";
}

Result<PruneOutcome, StoreError> prune(const PruneRequest& request) {
  if (const auto wrong = too_young(request.older_than))
    return Fail(StoreError{StoreErrorCode::Conflict,
                           "older than " + std::to_string(request.older_than.count()) + " s is " + *wrong});
  auto info = parse_conninfo(request.conninfo);
  if (!info.ok()) return Fail(StoreError{StoreErrorCode::Unavailable, info.error()});
  BlockingConnection database(*info, "baton admin prune");
  if (auto wrong = use_schema(database, request.schema)) return Fail(*wrong);
  database.run(kPlans);
  database.run(kDates);
  database.wait_for_locks(request.patience);
  database.run("set statement_timeout = " + std::to_string(kPruneStatementTimeout.count()));
  if (database.run(kOneAtATime) != "t" && !database.problem())
    return Fail(StoreError{StoreErrorCode::Conflict, "another prune of schema " + request.schema +
                                                         " is under way at " + database.place()});
  PruneOutcome outcome = Prune(database, request).run();
  database.run(kOver);
  if (database.problem()) return Fail(told(*database.problem(), outcome, request.dry_run));
  return outcome;
}

}  // namespace baton::postgres
