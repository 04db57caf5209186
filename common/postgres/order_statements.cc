/// Orders as statements (PROTOCOL.md H25): each is judged and written under its flow's row lock, which the
/// steps of that flow wait for, and which waits for them. A job without a row has no such lock: an advisory
/// one keeps the claim that makes the row apart from the orders that do not find it.
#include <map>

#include "common/ports/history_data.h"
#include "common/postgres/order_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

using ports::OrderOutcome;
using ports::OrderRecord;
using ports::OrderVerdict;
using ports::StoreError;
using ports::StoreErrorCode;

constexpr StatementText kNewJobLocks{
    "new_job_locks",
    "select pg_advisory_xact_lock(key) from (select distinct"
    "  hashtextextended('baton job ' || current_schema() || ' ' || t.job, 0) as key"
    "  from unnest($1::text[]) as t(job) where not exists (select from jobs j where j.uuid = t.job)"
    "  order by key) k"};

// Before it is asked what is open: a snapshot from before the lock would not show another's order.
constexpr StatementText kOrderLocks{"order_locks",
                                    "select f.id from jobs j join flows f on f.id = j.flow"
                                    " where j.uuid = any($1::text[]) order by f.id for no key update of f"};

// An order that begins a run (kind >= 3) is recorded for the run behind the one that has ended; one at a
// time: the same one again is the one that is there.
constexpr StatementText kOrders{
    "orders",
    "with asked as materialized (select *, kind >= 3 as begins from unnest($1::int4[], $2::text[],"
    "   $3::int4[], $4::int2[], $5::bool[], $6::text[], $7::text[], $8::text[], $9::text[], $11::int4[],"
    "   $12::bool[]) as t(n, job, board_run, kind, keep, who, why, atom, result, last_run, dry_run)),"
    " locked as (select a.n, f.run, f.state, f.state in (2, 3, 4, 8, 9, 10) as ended"
    "   from asked a join jobs j on j.uuid = a.job join flows f on f.id = j.flow"
    "   order by f.id for no key update of f),"
    " judged as (select a.*, l.run as known_run, l.state, l.ended,"
    "   a.last_run <> 0 and a.last_run <> l.run as other_run, case"
    "    when a.begins then case when l.ended and l.state <> 10 then l.run + 1 end"
    "    when l.n is null then nullif(a.board_run, 0) when not l.ended then l.run"
    "    when a.board_run > l.run then a.board_run end as for_run,"
    "   (select count(*) from orders o where o.job = a.job and o.taken_at is null) as open"
    "   from asked a left join locked l on l.n = a.n),"
    " before as (select g.n, o.* from judged g join orders o on o.job = g.job and o.run = g.for_run and "
    "o.taken_at is null"
    "   and o.kind >= 3 where g.begins),"
    " fit as (select g.n from judged g where for_run is not null and open < $10::int8"
    "   and other_run is not true and not exists (select from before b where b.n = g.n)),"
    " i as (insert into orders (job, run, kind, keep, who, why, atom, result)"
    "   select job, for_run, kind, keep, who, why, atom, result::json from judged"
    "   where not dry_run and n in (select n from fit)"
    "   order by n returning id, job, run, ordered_at)"
    " select g.n, coalesce(i.id, 0), coalesce(g.for_run, 0), coalesce(i.ordered_at, now()),"
    "  coalesce(g.state, 0::int2), coalesce(g.known_run, 0), coalesce(g.ended, false),"
    "  coalesce(g.other_run, false), coalesce(b.id, 0), b.job, b.run, b.kind, b.keep, b.who, b.why,"
    "  b.ordered_at, null::timestamptz, '', b.atom, b.result, g.n in (select n from fit)"
    " from judged g left join i on i.job = g.job left join before b on b.n = g.n order by g.n"};
constexpr StatementText kTellOrders{
    "tell_orders",
    "select pg_notify('baton_orders', current_schema() || ' ' || j.flow) from jobs j"
    " where j.uuid = any($1::text[])"};

constexpr StatementText kOpenOrders{"open_orders",
                                    "select f.id, " BATON_ORDER_COLUMNS
                                    " from flows f join orders o on o.job = f.job and o.run = f.run"
                                    " where f.id = any($1::uuid[]) and o.taken_at is null order by o.id"};
constexpr StatementText kJobOrders{
    "job_orders", "select exists (select from jobs j where j.uuid = $1::text), " BATON_ORDER_COLUMNS
                  " from (select 1) one left join lateral (select * from orders where job = $1::text"
                  "  order by id desc limit $2::int8) o on true order by o.id desc"};

constexpr int kBefore = 8;  // the columns of the order that has begun the run, its id 0: none has
constexpr int kFits = kBefore + 12;

using E = ElementType;

std::vector<std::optional<std::string>> parameters_of(std::span<OrderWork*> works) {
  ArrayParameter n(E::Int4), job(E::Text), board_run(E::Int4), kind(E::Int2), keep(E::Bool), who(E::Text),
      why(E::Text), atom(E::Text), result(E::Text), last_run(E::Int4), dry_run(E::Bool);
  for (std::size_t i = 0; i < works.size(); ++i) {
    const auto& request = works[i]->request;
    n.add(static_cast<std::int64_t>(i));
    job.add(std::string_view(request.job.value));
    board_run.add(std::int64_t{request.run_on_board});
    kind.add(static_cast<std::int64_t>(request.order.kind));
    keep.add(request.order.keep);
    who.add(std::string_view(request.order.who));
    why.add(std::string_view(request.order.why));
    atom.add(std::string_view(request.order.atom));
    request.order.kind == OrderKind::MarkDone ? result.add(request.order.result.json()) : result.add_null();
    last_run.add(std::int64_t{request.last_run});
    dry_run.add(request.dry_run);
  }
  return {
      n.finish(),        job.finish(),    board_run.finish(), kind.finish(),   keep.finish(),
      who.finish(),      why.finish(),    atom.finish(),      result.finish(), int8_parameter(kOrdersOpenMax),
      last_run.finish(), dry_run.finish()};
}

std::string jobs_of(std::span<OrderWork*> works) {
  ArrayParameter jobs(E::Text);
  for (const OrderWork* work : works) jobs.add(std::string_view(work->request.job.value));
  return jobs.finish();
}

/// Of those that have recorded something.
std::string told_jobs_of(std::span<OrderWork*> works) {
  ArrayParameter jobs(E::Text);
  for (const OrderWork* work : works)
    if (!work->request.dry_run) jobs.add(std::string_view(work->request.job.value));
  return jobs.finish();
}

bool same_run(const Order& a, const Order& b) {
  return a.kind == b.kind && a.keep == b.keep && a.atom == b.atom && a.result == b.result;
}

OrderVerdict refused(const ports::OrderRequest& request, const ResultSet& rows, std::size_t row) {
  const bool known = rows.number(row, 5) != 0, ended = rows.truth(row, 6), other_run = rows.truth(row, 7);
  if (other_run) return OrderVerdict::OtherRun;
  if (begins_run(request.order.kind) && known && !ended) return OrderVerdict::AtWork;
  if (rows.number(row, 2) != 0) return OrderVerdict::TooMany;
  return known ? OrderVerdict::Ended : OrderVerdict::UnknownJob;
}

OrderOutcome outcome_of(const ports::OrderRequest& request, const ResultSet& rows, std::size_t row) {
  OrderOutcome outcome;
  outcome.state = static_cast<FlowState>(rows.number(row, 4));
  outcome.run = static_cast<std::uint32_t>(rows.number(row, 5));
  const auto id = static_cast<std::uint64_t>(rows.number(row, 1));
  if (rows.truth(row, kFits)) {
    outcome.verdict = OrderVerdict::Recorded;
    outcome.record = {
        id, request.job, static_cast<std::uint32_t>(rows.number(row, 2)), request.order, rows.time(row, 3),
        {}, {}};
  } else if (rows.number(row, kBefore) != 0 && !rows.truth(row, 7)) {
    outcome.record = read_order(rows, row, kBefore);
    const bool same = same_run(outcome.record.order, request.order);
    outcome.verdict = same ? OrderVerdict::Recorded : OrderVerdict::RunAsked;
  } else {
    outcome.verdict = refused(request, rows, row);
  }
  return outcome;
}

}  // namespace

OrderRecord read_order(const ResultSet& rows, std::size_t row, int first) {
  OrderRecord record;
  record.id = static_cast<std::uint64_t>(rows.number(row, first));
  record.job = JobId(std::string(rows.text(row, first + 1)));
  record.run = static_cast<std::uint32_t>(rows.number(row, first + 2));
  record.order = {static_cast<OrderKind>(rows.number(row, first + 3)), std::string(rows.text(row, first + 5)),
                  std::string(rows.text(row, first + 6)), rows.truth(row, first + 4),
                  std::string(rows.text(row, first + 10))};
  if (!rows.is_null(row, first + 11))
    record.order.result = Value::from_stored(std::string(rows.text(row, first + 11)));
  record.ordered_at = rows.time(row, first + 7);
  record.taken_at = rows.optional_time(row, first + 8);
  record.no_effect = std::string(rows.text(row, first + 9));
  return record;
}

void add_new_job_locks(Transaction& transaction, const std::vector<std::string_view>& jobs) {
  if (jobs.empty()) return;
  ArrayParameter uuids(E::Text);
  for (const std::string_view job : jobs) uuids.add(job);
  transaction.add(kNewJobLocks, {uuids.finish()});
}

void add_orders(Transaction& transaction, std::span<OrderWork*> works) {
  if (works.empty()) return;
  transaction.add(kOrderLocks, {jobs_of(works)});
  transaction.add(kOrders, parameters_of(works),
                  [works = std::vector(works.begin(), works.end())](const ResultSet& rows) {
                    for (std::size_t row = 0; row < rows.rows(); ++row) {
                      OrderWork& work = *works[static_cast<std::size_t>(rows.number(row, 0))];
                      std::exchange(work.done, nullptr)(outcome_of(work.request, rows, row));
                    }
                  });
  transaction.add(kTellOrders, {told_jobs_of(works)});
}

void add_open_orders(Transaction& read, const std::vector<FlowId>& flows,
                     Done<std::vector<ports::FlowOrder>> done) {
  ArrayParameter ids(E::Uuid);
  for (const FlowId& flow : flows) ids.add(flow.value);
  read.add(kOpenOrders, {ids.finish()}, [done = std::move(done)](const ResultSet& rows) {
    std::vector<ports::FlowOrder> found;
    for (std::size_t row = 0; row < rows.rows(); ++row)
      found.push_back({FlowId(rows.uuid(row, 0)), read_order(rows, row, 1)});
    done(std::move(found));
  });
}

void add_job_orders(Transaction& read, const JobId& job, std::uint32_t limit, Done<ports::OrderPage> done) {
  read.add(
      kJobOrders, {job.value, int8_parameter(std::int64_t{limit} + 1)},
      [job, limit, done = std::move(done)](const ResultSet& rows) {
        const bool none = rows.is_null(0, 1);
        if (none && !rows.truth(0, 0))
          return done(Fail(StoreError{StoreErrorCode::NotFound, "no job " + job.value + " in Postgres"}));
        ports::OrderPage page;
        page.more = rows.rows() > limit;
        for (std::size_t row = 0; !none && row < std::min<std::size_t>(rows.rows(), limit); ++row)
          page.orders.push_back(read_order(rows, row, 1));
        done(std::move(page));
      });
}

}  // namespace baton::postgres
