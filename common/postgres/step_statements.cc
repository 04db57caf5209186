/// Steps as statements. Each begins with the fence (PROTOCOL.md I3): FOR SHARE on every flow row that has
/// exactly the claim's epoch, in the order of ids. What a step asks for is then done as a whole, or
/// refuse_steps() ends the transaction and names the flows whose rows were not as their step had found them.
#include <set>

#include "common/postgres/parameters.h"
#include "common/postgres/step_rows.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

// `held` has the fenced flows as sorted arrays: whether a row's flow is among them is a binary search, not a
// join of two lists without statistics.
#define BATON_FENCE                                                                                      \
  "with fence as (select fl.id, fl.run from unnest($1::uuid[], $2::int4[], $3::int8[]) as f(flow, gen, " \
  "zxid)"                                                                                                \
  "  join flows fl on fl.id = f.flow and fl.epoch_generation = f.gen and fl.epoch_czxid = f.zxid"        \
  "  order by fl.id for share of fl),"                                                                   \
  " held as materialized (select array_agg(id order by id) ids, array_agg(run order by id) runs from "   \
  "fence) "
#define BATON_IS_HELD(flow) " held.ids[width_bucket(" flow ", held.ids)] = " flow " "
// Rows asked for but not written, by flow.
#define BATON_COMPLETE(asked, written) \
  " (select count(*) from " written ") = (select count(*) from unnest(" asked ") as x(flow), held " \
  "where" BATON_IS_HELD("x.flow") ") or refuse_steps((select array_agg(distinct flow) from ("       \
  "select x.flow from unnest(" asked ") as x(flow), held where" BATON_IS_HELD("x.flow")             \
  " except all select flow from " written ") missing)) "

constexpr StatementText kPlans{
    "plans",
    BATON_FENCE
    ", p as (insert into plans (flow, atoms, plan)"
    "  select t.* from unnest($4::uuid[], $5::int4[], $6::text[]) as t(flow, atoms, plan), held"
    "  where" BATON_IS_HELD("t.flow") "on conflict do nothing returning flow),"
    " a as (insert into atoms (flow, atom, name)"
    "  select t.* from unnest($7::uuid[], $8::int4[], $9::text[]) as t(flow, atom, name), held"
    "  where" BATON_IS_HELD("t.flow") "on conflict do nothing)"
    " select 1 where" BATON_COMPLETE("$4::uuid[]", "p")};

// A row is as its step found it with what the last reset (PENDING, 0) or decider's no (IGNORE, 8) over a
// range in between made of it: as state_between() says (common/model/range_state.h). Or as it stands,
// whatever ranges came in between: only where it does not fit are they looked at. $21, what changed:
// ChangedField's bits, then kStarts and kEnds (step_rows.h).
constexpr StatementText kSteps{
    "steps",
    BATON_FENCE
    ", u as (update atoms a set state = i.state, intention = i.intention, attempt = i.attempt,"
    "  dispatch = i.dispatch, worker = i.worker, worker_name = i.worker_name, deliveries = i.deliveries,"
    "  start_deadline = i.start_deadline, close_deadline = i.close_deadline, seq = i.seq,"
    "  started_at = case when i.changed & 32 <> 0 then now() else a.started_at end,"
    "  ended_at = case when i.changed & 64 <> 0 then now() when i.changed & 32 = 0 then a.ended_at end,"
    "  result = case when i.changed & 1 <> 0 then i.result::json else a.result end,"
    "  failure = case when i.changed & 2 <> 0 then i.failure::json else a.failure end,"
    "  revert_result = case when i.changed & 4 <> 0 then i.revert_result::json else a.revert_result end,"
    "  revert_failure = case when i.changed & 8 <> 0 then i.revert_failure::json else a.revert_failure end,"
    "  retry_history = case when i.changed & 16 <> 0 then i.retry_history::json else a.retry_history end"
    "  from unnest($4::uuid[], $5::int4[], $6::int2[], $7::int4[], $8::int8[], $9::int2[], $10::int2[],"
    "   $11::int4[], $12::int8[], $13::uuid[], $14::text[], $15::int4[], $16::timestamptz[],"
    "   $17::timestamptz[], $18::int8[], $19::int8[], $20::int2[], $21::text[], $22::text[], $23::text[],"
    "   $24::text[], $25::text[])"
    "   as i(flow, atom, from_state, from_attempt, from_dispatch, state, intention, attempt, dispatch, worker,"
    "   worker_name, deliveries, start_deadline, close_deadline, first_seq, seq, changed, result, failure,"
    "   revert_result, revert_failure, retry_history), held"
    "  where" BATON_IS_HELD("i.flow")
    "   and a.flow = i.flow and a.atom = i.atom and a.attempt = i.from_attempt"
    "   and (a.state = i.from_state or i.from_state = (select case when s.intention = 3 then 8 else 0 end"
    "    from scopes s where s.flow = i.flow and (s.reset or s.intention = 3) and s.seq > a.seq"
    "    and s.seq < i.first_seq and a.atom >= s.first and a.atom < s.first + s.count"
    "    order by s.seq desc limit 1))"
    "   and a.dispatch = i.from_dispatch and a.seq < i.first_seq returning a.flow),"
    " h as (insert into history (flow, run, seq, atom, state, intention, attempt, dispatch, worker, data)"
    "  select t.flow, held.runs[width_bucket(t.flow, held.ids)], t.seq, t.atom, t.state, t.intention,"
    "   t.attempt, t.dispatch, t.worker, t.data::json"
    "  from unnest($26::uuid[], $27::int8[], $28::int4[], $29::int2[], $30::int2[], $31::int4[], $32::int8[],"
    "   $33::text[], $34::text[])"
    "   as t(flow, seq, atom, state, intention, attempt, dispatch, worker, data), held"
    "  where" BATON_IS_HELD("t.flow") ")"
    " select id from fence where" BATON_COMPLETE("$4::uuid[]", "u")};

constexpr StatementText kRanges{
    "ranges",
    BATON_FENCE
    ", s as (insert into scopes (flow, seq, first, count, intention, reset)"
    "  select t.* from unnest($4::uuid[], $5::int8[], $6::int4[], $7::int4[], $8::int2[], $9::bool[])"
    "   as t(flow, seq, first, count, intention, reset), held"
    "  where" BATON_IS_HELD("t.flow") "on conflict do nothing returning flow)"
    " select 1 where" BATON_COMPLETE("$4::uuid[]", "s")};

// Before the flow's facts: what it takes here is no longer open then.
constexpr StatementText kTakenOrders{
    "taken_orders",
    BATON_FENCE
    ", u as (update orders o set taken_at = now(), no_effect = t.no_effect"
    "  from unnest($4::uuid[], $5::int8[], $6::text[]) as t(flow, id, no_effect), held"
    "  where" BATON_IS_HELD("t.flow")
    "   and o.id = t.id and o.taken_at is null returning t.flow),"
    " h as (insert into history (flow, run, seq, attempt, dispatch, data)"
    "  select t.flow, held.runs[width_bucket(t.flow, held.ids)], 0, 0, 0, t.data::json"
    "  from unnest($4::uuid[], $7::text[]) as t(flow, data), held where" BATON_IS_HELD("t.flow") ")"
    " select 1 where" BATON_COMPLETE("$4::uuid[]", "u")};

constexpr StatementText kFlowFacts{
    "flow_facts",
    BATON_FENCE
    ", u as (update flows fl set state = t.state, last_seq = t.seq, failure = t.failure::json,"
    "  kept = t.kept::json from unnest($4::uuid[], $5::int2[], $6::int2[], $7::int8[], $8::int8[],"
    "   $9::bool[], $10::text[], $11::text[])"
    "   as t(flow, from_state, state, first_seq, seq, ended, failure, kept), held"
    "  where" BATON_IS_HELD("t.flow")
    "   and fl.id = t.flow and fl.state = t.from_state and fl.last_seq < t.first_seq"
    "   and not (t.ended and exists (select from orders o where o.job = fl.job and o.run = fl.run"
    "    and o.taken_at is null))"
    "  returning fl.id as flow, fl.job, t.ended, fl.state, fl.failure),"
    " j as (update jobs set state = u.state, failure = u.failure, updated_at = now(),"
    "  finished_at = case when u.ended then now() end,"
    "  atoms_done = case when u.ended then atoms_done(u.flow) end from u where jobs.uuid = u.job)"
    " select 1 where" BATON_COMPLETE("$4::uuid[]", "u")};

// What is refused by the step's other statements is rolled back with it.
constexpr StatementText kHookCalls{
    "step_hook_calls",
    BATON_FENCE
    " insert into hook_calls (job, run, flow, event, occasion, hook, about)"
    "  select fl.job, fl.run, t.flow, t.event, 0, t.hook, t.about::json"
    "  from unnest($4::uuid[], $5::int2[], $6::text[], $7::text[]) as t(flow, event, hook, about), held,"
    "   flows fl where" BATON_IS_HELD("t.flow") "and fl.id = t.flow"
    "  on conflict (job, run, event, occasion, hook) do nothing"};

constexpr StatementText kProbe{"probe", "select count(t::json) from unnest($1::text[]) as t"};

using Parameters = std::vector<std::optional<std::string>>;

Parameters fence_parameters(std::span<StepWork*> works) {
  ArrayParameter flow(ElementType::Uuid), generation(ElementType::Int4), zxid(ElementType::Int8);
  for (const StepWork* work : works) {
    flow.add(work->write.flow.value);
    generation.add(std::int64_t{work->write.epoch.generation});
    zxid.add(work->write.epoch.lock_czxid);
  }
  return {flow.finish(), generation.finish(), zxid.finish()};
}

template <class Rows>
Parameters parameters(std::span<StepWork*> works, Rows& rows) {
  Parameters all = fence_parameters(works);
  for (auto& column : rows.finish()) all.emplace_back(std::move(column));
  return all;
}

}  // namespace

void add_steps(Transaction& transaction, std::span<StepWork*> works) {
  if (works.empty()) return;
  PlanRows plans;
  AtomRows atoms;
  HistoryRows history;
  RangeRows ranges;
  FlowRows flows;
  OrderRows orders;
  HookCallRows hook_calls;
  for (const StepWork* work : works) {
    plans.add(work->write);
    atoms.add(*work);
    history.add(work->write);
    ranges.add(*work);
    flows.add(*work);
    orders.add(work->write);
    hook_calls.add(work->write);
  }
  if (!plans.empty()) transaction.add(kPlans, parameters(works, plans));
  if (!orders.empty()) transaction.add(kTakenOrders, parameters(works, orders));
  Parameters steps = parameters(works, atoms);
  for (auto& column : history.finish()) steps.emplace_back(std::move(column));
  // First: an atom that starts behind a reset of this very step finds it (its row still has the state
  // before).
  if (!ranges.empty()) transaction.add(kRanges, parameters(works, ranges));
  transaction.add(
      kSteps, std::move(steps), [works = std::vector(works.begin(), works.end())](const ResultSet& held) {
        std::set<Uuid> ours;
        for (std::size_t row = 0; row < held.rows(); ++row) ours.insert(held.uuid(row, 0));
        for (StepWork* work : works) {
          if (ours.contains(work->write.flow.value)) {
            std::exchange(work->done, nullptr)({});
            continue;
          }
          std::exchange(work->done, nullptr)(Fail(ports::StoreError{
              ports::StoreErrorCode::ClaimLost,
              "flow " + work->write.flow.value.to_string() + " has been claimed by another conductor"}));
        }
      });
  if (!flows.empty()) transaction.add(kFlowFacts, parameters(works, flows));
  if (!hook_calls.empty()) transaction.add(kHookCalls, parameters(works, hook_calls));
}

void add_probe(Transaction& transaction, std::span<const std::string> texts) {
  ArrayParameter column(ElementType::Text);
  for (const std::string& text : texts) column.add(std::string_view(text));
  transaction.add(kProbe, {column.finish()});
}

}  // namespace baton::postgres
