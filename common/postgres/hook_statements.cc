/// Calls of hooks as statements. Those that take or end some write; all of them may be asked twice.
#include <algorithm>

#include "common/postgres/atom_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"

namespace baton::postgres {
namespace {

using ports::HookCall;
using E = ElementType;

#define BATON_HOOK_CALL                                                                     \
  "c.id, c.job, c.run, c.flow, c.event, c.occasion, c.hook, c.about, c.state, c.attempts, " \
  "c.recorded_at, c.next_at, c.ended_at, c.holder, c.holder_name, c.last_error, c.attempts_before"

// Runs that may go on by themselves: a suspended one waits for a person.
#define BATON_MAY_STALL "(0, 1, 5, 7)"

// Those that another takes at this moment are passed over, and those of a later version's events.
constexpr StatementText kTake{
    "take_hook_calls",
    "with due as materialized (select d.id, s.lease from unnest($1::text[], $2::int8[], $3::int8[])"
    "   as s(hook, calls_max, lease) cross join lateral"
    "  (select h.id from hook_calls h where h.state = 0 and h.hook = s.hook and h.next_at <= now()"
    "    and h.event < $6::int4"
    "    order by h.next_at limit s.calls_max for update skip locked) d)"
    " update hook_calls c set holder = ($4::uuid[])[1], holder_name = $5::text,"
    "  next_at = now() + due.lease * interval '1 ms' from due where c.id = due.id"
    " returning " BATON_HOOK_CALL};
// The attempts tell two times of one holder apart: what was counted is not counted again.
constexpr StatementText kEnd{
    "end_hook_call",
    "with c as (update hook_calls set attempts = attempts + 1, state = $3::int4::int2, holder = null,"
    "   holder_name = '', next_at = now() + $4::int8 * interval '1 ms', last_error = $5::text,"
    "   ended_at = case when $3::int4 <> 0 then now() end"
    "   where id = $1::int8 and holder = ($2::uuid[])[1] and state = 0 and attempts = $7::int4"
    "   returning flow, run)"
    " insert into history (flow, run, seq, attempt, dispatch, data)"
    "  select c.flow, c.run, 0, 0, 0, $6::text::json from c where c.flow is not null"};
constexpr StatementText kRetry{
    "retry_hook_call",
    "with c as (update hook_calls set state = 0, next_at = now(), ended_at = null, attempts_before = attempts"
    "   where id = $1::int8 and state = 2 and attempts = $2::int4 returning flow, run),"
    " h as (insert into history (flow, run, seq, attempt, dispatch, data)"
    "  select c.flow, c.run, 0, 0, 0, $3::text::json from c where c.flow is not null)"
    " select run from c"};
constexpr StatementText kNow{"now", "select now()"};
// The last fact of each run that is open: the first row met on the way back that is none of claims, orders
// and calls.
constexpr StatementText kStalled{
    "stalled_jobs",
    "select j.uuid, j.name, j.flow_name, j.priority, j.flow, j.run, j.state, coalesce(l.seq, 0), s.since,"
    "  j.number, s.since <= now() - $3::int8 * interval '1 ms'"
    " from (select * from jobs where ended_state is null and state in " BATON_MAY_STALL
    " and number > $1::int8"
    "   order by number limit $2::int8) j"
    " left join lateral (select h.seq, h.at from history h where h.flow = j.flow and h.run = j.run"
    "   and h.seq > 0 order by h.id desc limit 1) l on true"
    " cross join lateral (select coalesce(l.at, case when j.run = 1 then j.posted_at else j.updated_at end)"
    "   as since) s order by j.number"};
// Since they were seen they may have ended: then nobody is told.
constexpr StatementText kRecordStalls{
    "record_stalls",
    "insert into hook_calls (job, run, flow, event, occasion, hook, about)"
    " select t.job, t.run, t.flow, t.event, t.occasion, t.hook, t.about::json"
    " from unnest($1::text[], $2::int4[], $3::uuid[], $4::int2[], $5::int8[], $6::text[], $7::text[])"
    "  as t(job, run, flow, event, occasion, hook, about)"
    " where case when t.flow is null"
    "  then not exists (select from jobs j where j.uuid = t.job and j.run >= t.run)"
    "  else exists (select from jobs j where j.uuid = t.job and j.flow = t.flow and j.run = t.run"
    "   and j.state in " BATON_MAY_STALL
    ") end"
    " on conflict (job, run, event, occasion, hook) do nothing"};
constexpr StatementText kCalls{
    "hook_calls", "select " BATON_HOOK_CALL
                  " from hook_calls c where ($1::text is null or c.job = $1::text)"
                  " and ($2::int4 < 0 or c.state = $2::int4::int2) and ($3::int8 = 0 or c.id < $3::int8)"
                  " order by c.id desc limit $4::int8"};
constexpr StatementText kCounts{
    "hook_counts",
    "select hook, count(*) filter (where state = 0), count(*) filter (where state = 2),"
    "  min(recorded_at) filter (where state = 0) from hook_calls where state <> 1 group by hook order by "
    "hook"};

HookCall read_call(const ResultSet& rows, std::size_t row) {
  HookCall call;
  call.id = static_cast<std::uint64_t>(rows.number(row, 0));
  call.job = JobId(std::string(rows.text(row, 1)));
  call.run = static_cast<std::uint32_t>(rows.number(row, 2));
  if (!rows.is_null(row, 3)) call.flow = FlowId(rows.uuid(row, 3));
  call.event = static_cast<ports::HookEvent>(rows.number(row, 4));
  call.occasion = static_cast<std::uint64_t>(rows.number(row, 5));
  call.hook = std::string(rows.text(row, 6));
  call.about = read_value(rows, row, 7);
  call.state = static_cast<ports::HookCallState>(rows.number(row, 8));
  call.attempts = static_cast<std::uint32_t>(rows.number(row, 9));
  call.recorded_at = rows.time(row, 10);
  call.next_at = rows.time(row, 11);
  call.ended_at = rows.optional_time(row, 12);
  if (!rows.is_null(row, 13)) call.holder = Incarnation(rows.uuid(row, 13));
  call.holder_name = std::string(rows.text(row, 14));
  call.last_error = std::string(rows.text(row, 15));
  call.attempts_before = static_cast<std::uint32_t>(rows.number(row, 16));
  return call;
}

/// A uuid as a parameter: an array of it.
std::string uuid_parameter(const std::optional<Incarnation>& incarnation) {
  ArrayParameter one(E::Uuid);
  incarnation ? one.add(incarnation->value) : one.add_null();
  return one.finish();
}

std::int32_t state_after(ports::HookEnding::How how) {
  using How = ports::HookEnding::How;
  const auto state = how == How::Done    ? ports::HookCallState::Done
                     : how == How::Again ? ports::HookCallState::Pending
                                         : ports::HookCallState::GivenUp;
  return static_cast<std::int32_t>(state);
}

}  // namespace

void add_take_hook_calls(Transaction& to, const ports::HookTake& take, Done<std::vector<HookCall>> done) {
  ArrayParameter hook(E::Text), calls_max(E::Int8), lease(E::Int8);
  for (const auto& share : take.shares) {
    hook.add(std::string_view(share.hook));
    calls_max.add(std::int64_t{share.calls_max});
    lease.add(std::int64_t{share.lease.count()});
  }
  to.add(kTake,
         {hook.finish(), calls_max.finish(), lease.finish(), uuid_parameter(take.holder), take.holder_name,
          int4_parameter(static_cast<std::int32_t>(ports::kHookEvents))},
         [done = std::move(done)](const ResultSet& rows) {
           std::vector<HookCall> taken;
           for (std::size_t row = 0; row < rows.rows(); ++row) taken.push_back(read_call(rows, row));
           done(std::move(taken));
         });
}

void add_end_hook_call(Transaction& to, const ports::HookEnding& ending, Done<void> done) {
  to.add(kEnd,
         {int8_parameter(static_cast<std::int64_t>(ending.call.id)), uuid_parameter(ending.call.holder),
          int4_parameter(state_after(ending.how)), int8_parameter(ending.again_after.count()), ending.error,
          std::string(ports::history_data(ending).json()),
          int4_parameter(static_cast<std::int32_t>(ending.call.attempts))},
         [done = std::move(done)](const ResultSet&) { done({}); });
}

void add_retry_hook_call(Transaction& to, const ports::HookRetry& retry, Done<bool> done) {
  to.add(kRetry,
         {int8_parameter(static_cast<std::int64_t>(retry.call.id)),
          int4_parameter(static_cast<std::int32_t>(retry.call.attempts)),
          std::string(ports::history_data(retry).json())},
         [done = std::move(done)](const ResultSet& rows) { done(rows.rows() > 0); });
}

void add_stalled_jobs(Transaction& to, Millis at_least, std::uint64_t after, std::uint32_t limit,
                      Done<ports::StalledPage> done) {
  const auto page = std::make_shared<ports::StalledPage>();
  to.add(kNow, {}, [page](const ResultSet& rows) { page->now = rows.time(0, 0); });
  to.add(kStalled,
         {int8_parameter(static_cast<std::int64_t>(after)), int8_parameter(limit),
          int8_parameter(at_least.count())},
         [page, limit, done = std::move(done)](const ResultSet& rows) {
           page->more = rows.rows() == limit;
           for (std::size_t row = 0; row < rows.rows(); ++row) {
             page->last = static_cast<std::uint64_t>(rows.number(row, 9));
             if (!rows.truth(row, 10)) continue;
             page->jobs.push_back({JobId(std::string(rows.text(row, 0))), std::string(rows.text(row, 1)),
                                   std::string(rows.text(row, 2)), static_cast<Priority>(rows.number(row, 3)),
                                   FlowId(rows.uuid(row, 4)), static_cast<std::uint32_t>(rows.number(row, 5)),
                                   static_cast<FlowState>(rows.number(row, 6)),
                                   static_cast<std::uint64_t>(rows.number(row, 7)), rows.time(row, 8)});
           }
           done(std::move(*page));
         });
}

void add_record_stalls(Transaction& to, const std::vector<ports::NewStall>& stalls, Done<void> done) {
  ArrayParameter job(E::Text), run(E::Int4), flow(E::Uuid), event(E::Int2), occasion(E::Int8), hook(E::Text),
      about(E::Text);
  for (const auto& stall : stalls) {
    job.add(std::string_view(stall.job.value));
    run.add(std::int64_t{stall.run});
    stall.flow ? flow.add(stall.flow->value) : flow.add_null();
    event.add(static_cast<std::int64_t>(stall.call.event));
    occasion.add(static_cast<std::int64_t>(stall.occasion));
    hook.add(std::string_view(stall.call.hook));
    about.add(stall.call.about.json());
  }
  to.add(kRecordStalls,
         {job.finish(), run.finish(), flow.finish(), event.finish(), occasion.finish(), hook.finish(),
          about.finish()},
         [done = std::move(done)](const ResultSet&) { done({}); });
}

void add_hook_calls(Transaction& to, const ports::HookCallFilter& filter, Done<ports::HookCallPage> done) {
  to.add(kCalls,
         {filter.job ? std::optional(filter.job->value) : std::nullopt,
          int4_parameter(filter.state ? static_cast<std::int32_t>(*filter.state) : -1),
          int8_parameter(static_cast<std::int64_t>(filter.before)),
          int8_parameter(std::int64_t{filter.limit} + 1)},
         [limit = filter.limit, done = std::move(done)](const ResultSet& rows) {
           ports::HookCallPage page;
           page.more = rows.rows() > limit;
           for (std::size_t row = 0; row < std::min<std::size_t>(rows.rows(), limit); ++row)
             page.calls.push_back(read_call(rows, row));
           done(std::move(page));
         });
}

void add_hook_counts(Transaction& to, Done<std::vector<ports::HookCount>> done) {
  to.add(kCounts, {}, [done = std::move(done)](const ResultSet& rows) {
    std::vector<ports::HookCount> counts;
    for (std::size_t row = 0; row < rows.rows(); ++row)
      counts.push_back({std::string(rows.text(row, 0)), static_cast<std::uint64_t>(rows.number(row, 1)),
                        static_cast<std::uint64_t>(rows.number(row, 2)), rows.optional_time(row, 3)});
    done(std::move(counts));
  });
}

}  // namespace baton::postgres
