/// Claims as statements (PROTOCOL.md I1, I2, H13, H14, H31): many jobs at once, each judged under its flow's
/// row lock. A refusal is a claim too, ended in the same transaction.
#include "common/model/assert.h"
#include "common/ports/job_content.h"
#include "common/postgres/parameters.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

using ports::ClaimOutcome;
using ports::ClaimRequest;
using ports::ClaimVerdict;
using ports::StoreError;
using ports::StoreErrorCode;

// Met before its first claim, as a rule: then this only finds it.
constexpr StatementText kBoards{
    "boards",
    "select meet_board(t.id, $2::text, 0) from (select distinct id from unnest($1::text[]) as u(id)) t"
    " order by t.id"};

// The epoch is raised by kClaims, behind it in the transaction: until then it is lower than any.
constexpr StatementText kNewJobs{
    "new_jobs",
    "with j as (insert into jobs (uuid, flow, name, flow_name, flow_version, priority, run, state, "
    "board_path, posting,"
    "  content, conductor, posted_at, updated_at)"
    " select uuid, flow, name, flow_name, flow_version, priority, run, 0, path, posting::json,"
    "  sha256(convert_to(content, 'UTF8')), conductor, coalesce(posted_at, now()), now()"
    " from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int2[], $6::int4[], $7::text[],"
    "  $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::int4[])"
    "  as t(uuid, flow, name, flow_name, priority, run, path, posting, content, conductor, posted_at,"
    "   flow_version)"
    " order by uuid on conflict (uuid) do nothing returning uuid, flow, run)"
    " insert into flows (id, job, epoch_generation, epoch_czxid, conductor, run, state)"
    " select flow, uuid, 0, 0, '00000000-0000-0000-0000-000000000000', run, 0 from j"};

// Verdicts have ClaimVerdict's numbers. A rerun (higher run) of an ended flow keeps its atoms: attempts and
// dispatches never come back (H7).
constexpr StatementText kClaims{
    "claims",
    "with locked as ("
    "  select t.*, b.generation, f.id, f.epoch_generation, f.epoch_czxid, f.conductor as owner,"
    "   f.run as known_run, f.state, f.state in (2, 3, 4, 8, 9, 10) as ended, j.board_path as known_path,"
    "   sha256(convert_to(t.content, 'UTF8')) = j.content as same_content"
    "  from unnest($2::int4[], $3::text[], $4::text[], $5::int4[], $6::text[], $7::text[], $8::text[],"
    "   $9::int8[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[], $15::int4[])"
    "   as t(n, board, uuid, run, path, posting, content, czxid, conductor, conductor_name, take_over, name,"
    "    flow_name, flow_version)"
    "  join board_ids b on b.id = t.board and b.origin = $1::text"
    "  join jobs j on j.uuid = t.uuid join flows f on f.id = j.flow"
    "  order by f.id for no key update of f, j),"
    " judged as (select l.*, (select p.atoms from plans p where p.flow = l.id) as plan_atoms, case"
    "   when run < known_run then 1"
    "   when run > known_run and not ended then 4"
    "   when not same_content and (run = known_run or exists (select from plans p where p.flow = l.id)) then "
    "3"
    "   when run = known_run and ended then 1"
    "   when run = known_run and known_path <> path and known_path <> take_over then 2"
    "   when (generation, czxid) > (epoch_generation, epoch_czxid) then 0"
    "   when (generation, czxid) = (epoch_generation, epoch_czxid) and conductor = owner then 0"
    "   else 4 end as verdict from locked l),"
    " uf as (update flows f set epoch_generation = l.generation, epoch_czxid = l.czxid,"
    "   conductor = l.conductor, run = l.run, state = case when l.run > l.known_run then 0 else f.state end,"
    "   failure = case when l.run = l.known_run then f.failure end,"
    "   kept = case when l.run = l.known_run then f.kept end"
    "  from judged l where f.id = l.id and l.verdict = 0 returning f.id, f.state),"
    " uj as (update jobs j set conductor = l.conductor_name, board_path = l.path, run = l.run,"
    "   state = case when l.run > l.known_run then 0 else j.state end, updated_at = now(),"
    "   posting = case when l.run > l.known_run then l.posting::json else j.posting end,"
    "   content = case when l.run > l.known_run then sha256(convert_to(l.content, 'UTF8')) else j.content "
    "end,"
    "   name = case when l.run > l.known_run then l.name else j.name end,"
    "   flow_name = case when l.run > l.known_run then l.flow_name else j.flow_name end,"
    "   flow_version = case when l.run > l.known_run then l.flow_version else j.flow_version end,"
    "   failure = case when l.run = l.known_run then j.failure end,"
    "   finished_at = case when l.run = l.known_run then j.finished_at end,"
    "   removed_at = case when l.run = l.known_run then j.removed_at end,"
    "   atoms_done = case when l.run = l.known_run then j.atoms_done end"
    "  from judged l where j.uuid = l.uuid and l.verdict = 0),"
    " uo as (update orders o set taken_at = now(), no_effect = 'run ' || l.run || ' has begun instead'"
    "  from judged l where o.job = l.uuid and l.verdict = 0 and o.run < l.run and o.taken_at is null),"
    " z as (insert into board_heights (generation, conductor, highest_zxid)"
    "   select generation, conductor_name, max(czxid) from judged group by 1, 2 order by 1, 2"
    "   on conflict (generation, conductor) do update"
    "   set highest_zxid = greatest(board_heights.highest_zxid, excluded.highest_zxid)),"
    " h as (insert into history (flow, run, seq, attempt, dispatch, data)"
    "   select id, run, 0, 0, 0, json_build_object('claimed_by', conductor_name, 'generation', generation,"
    "   'lock_czxid', czxid) from judged"
    "   where verdict = 0 and (generation, czxid) > (epoch_generation, epoch_czxid))"
    " select n, verdict::int4, id, generation, czxid, run,"
    "  (case when verdict = 0 and run > known_run then 0 else state end)::int2, known_path,"
    "  plan_atoms is not null, clock_timestamp(), coalesce(plan_atoms, 0),"
    "  exists (select from orders o where o.job = judged.uuid and o.run = judged.run"
    "   and (o.taken_at is null or (o.kind = 2 and o.no_effect = ''))) from judged"};

// Ends the jobs whose claim just before was granted. What was not granted and is to be trashed is other
// content under a known uuid: the node is recorded, the job stays as it is.
constexpr StatementText kRefusals{
    "refusals",
    "with t as (select * from unnest($1::text[], $2::text[], $3::int4[], $4::uuid[], $5::int8[], $6::int2[],"
    "   $7::text[], $8::text[])"
    "   as t(uuid, path, run, conductor, czxid, state, failure, posting)),"
    " uf as (update flows f set state = t.state, failure = t.failure::json from t, jobs j"
    "   where j.uuid = t.uuid and f.id = j.flow and f.conductor = t.conductor and f.epoch_czxid = t.czxid"
    "   and f.run = t.run and j.board_path = t.path and f.state not in (2, 3, 4, 8, 9, 10)"
    "   returning f.id, f.job, f.run, f.state, f.failure),"
    " uj as (update jobs j set state = uf.state, failure = uf.failure, updated_at = now(), finished_at = "
    "now(),"
    "   atoms_done = 0 from uf where j.uuid = uf.job),"
    " uo as (update orders o set taken_at = now(), no_effect = 'the job is ' ||"
    "   case uf.state when 10 then 'TRASHED' else 'REJECTED' end from uf"
    "   where o.job = uf.job and o.run = uf.run and o.taken_at is null),"
    " h as (insert into history (flow, run, seq, state, attempt, dispatch, data)"
    "   select id, run, 0, state, 0, 0, json_build_object('failure', failure) from uf),"
    " c as (insert into hook_calls (job, run, flow, event, occasion, hook, about)"
    "   select uf.job, uf.run, uf.id, t.event, 0, t.hook, t.about::json from uf"
    "   join unnest($9::text[], $10::int2[], $11::text[], $12::text[]) as t(uuid, event, hook, about)"
    "    on t.uuid = uf.job"
    "   on conflict (job, run, event, occasion, hook) do nothing)"
    " insert into trashed_nodes (board_path, why, posting)"
    "   select path, t.failure::json ->> 'message', posting::json from t"
    "   where state = 10 and not exists (select from uf where uf.job = t.uuid) order by path"
    "   on conflict (board_path) do update set why = excluded.why, posting = excluded.posting, seen_at = "
    "now()"};

using E = ElementType;
using Parameters = std::vector<std::optional<std::string>>;

void add_version(ArrayParameter& column, const Posting& posting) {
  const std::uint32_t version = ports::flow_version_of(posting);
  version > 0 ? column.add(std::int64_t{version}) : column.add_null();
}

struct NewJobColumns {
  ArrayParameter uuid{E::Text}, flow{E::Uuid}, name{E::Text}, flow_name{E::Text}, priority{E::Int2},
      run{E::Int4}, path{E::Text}, posting{E::Text}, content{E::Text}, conductor{E::Text},
      posted_at{E::Timestamp}, flow_version{E::Int4};

  void add(const ClaimRequest& request, const std::string& content_bytes) {
    uuid.add(std::string_view(request.posting.uuid.value));
    flow.add(request.new_flow.value);
    name.add(std::string_view(request.posting.name));
    flow_name.add(std::string_view(ports::flow_name_of(request.posting)));
    priority.add(static_cast<std::int64_t>(request.posting.priority));
    run.add(std::int64_t{request.posting.run});
    path.add(std::string_view(request.board_path));
    posting.add(request.posting.raw.json());
    content.add(std::string_view(content_bytes));
    conductor.add(std::string_view(request.conductor_name));
    posted_at.add(request.posted_at);
    add_version(flow_version, request.posting);
  }
  Parameters finish() {
    return {uuid.finish(),     flow.finish(),      name.finish(),      flow_name.finish(),
            priority.finish(), run.finish(),       path.finish(),      posting.finish(),
            content.finish(),  conductor.finish(), posted_at.finish(), flow_version.finish()};
  }
};

struct ClaimColumns {
  ArrayParameter n{E::Int4}, board{E::Text}, uuid{E::Text}, run{E::Int4}, path{E::Text}, posting{E::Text},
      content{E::Text}, czxid{E::Int8}, conductor{E::Uuid}, conductor_name{E::Text}, take_over{E::Text},
      name{E::Text}, flow_name{E::Text}, flow_version{E::Int4};

  void add(std::size_t number, const ClaimRequest& request, const std::string& content_bytes) {
    n.add(static_cast<std::int64_t>(number));
    board.add(std::string_view(request.board_id));
    uuid.add(std::string_view(request.posting.uuid.value));
    run.add(std::int64_t{request.posting.run});
    path.add(std::string_view(request.board_path));
    posting.add(request.posting.raw.json());
    content.add(std::string_view(content_bytes));
    czxid.add(request.lock_czxid);
    conductor.add(request.conductor.value);
    conductor_name.add(std::string_view(request.conductor_name));
    take_over.add(std::string_view(request.take_over_path));
    name.add(std::string_view(request.posting.name));
    flow_name.add(std::string_view(ports::flow_name_of(request.posting)));
    add_version(flow_version, request.posting);
  }
  Parameters finish(const std::string& origin) {
    return {origin,         n.finish(),         board.finish(),          uuid.finish(),
            run.finish(),   path.finish(),      posting.finish(),        content.finish(),
            czxid.finish(), conductor.finish(), conductor_name.finish(), take_over.finish(),
            name.finish(),  flow_name.finish(), flow_version.finish()};
  }
};

Parameters refusal_parameters(std::span<RefusedWork*> refusals) {
  ArrayParameter uuid(E::Text), path(E::Text), run(E::Int4), conductor(E::Uuid), czxid(E::Int8),
      state(E::Int2), failure(E::Text), posting(E::Text);
  ArrayParameter called(E::Text), event(E::Int2), hook(E::Text), about(E::Text);  // a row for each call
  for (const RefusedWork* work : refusals) {
    uuid.add(std::string_view(work->request.posting.uuid.value));
    path.add(std::string_view(work->request.board_path));
    run.add(std::int64_t{work->request.posting.run});
    conductor.add(work->request.conductor.value);
    czxid.add(work->request.lock_czxid);
    state.add(static_cast<std::int64_t>(work->refusal.state));
    failure.add(work->refusal.why.to_value().json());
    posting.add(work->request.posting.raw.json());
    for (const auto& call : work->refusal.hook_calls) {
      called.add(std::string_view(work->request.posting.uuid.value));
      event.add(static_cast<std::int64_t>(call.event));
      hook.add(std::string_view(call.hook));
      about.add(call.about.json());
    }
  }
  return {uuid.finish(),   path.finish(),  run.finish(),     conductor.finish(),
          czxid.finish(),  state.finish(), failure.finish(), posting.finish(),
          called.finish(), event.finish(), hook.finish(),    about.finish()};
}

ClaimOutcome outcome_of(const ResultSet& rows, std::size_t row) {
  ClaimOutcome outcome;
  outcome.verdict = static_cast<ClaimVerdict>(rows.number(row, 1));
  outcome.flow = FlowId(rows.uuid(row, 2));
  outcome.epoch = {static_cast<std::uint32_t>(rows.number(row, 3)), rows.number(row, 4)};
  outcome.run = static_cast<std::uint32_t>(rows.number(row, 5));
  outcome.state = static_cast<FlowState>(rows.number(row, 6));
  if (outcome.verdict == ClaimVerdict::Duplicate) outcome.recorded_path = std::string(rows.text(row, 7));
  outcome.has_plan = rows.truth(row, 8);
  outcome.now = rows.time(row, 9);
  outcome.atoms = static_cast<std::uint32_t>(rows.number(row, 10));
  outcome.has_orders = rows.truth(row, 11);
  return outcome;
}

void finish_refusal(RefusedWork& work, const ClaimOutcome& outcome) {
  auto done = std::exchange(work.done, nullptr);
  if (outcome.verdict != ClaimVerdict::Refused) return done({});
  done(Fail(StoreError{StoreErrorCode::ClaimLost,
                       "job " + work.request.posting.uuid.value + " has been claimed by another conductor"}));
}

/// The world's doing: each claim makes the rows that it needs, unless another hand has taken one of them.
StoreError row_gone(const ClaimRequest& request) {
  return {
      StoreErrorCode::NotFound,
      "job " + request.posting.uuid.value +
          ": Postgres has its row in the table jobs, but not the flow that this row names (flows), or its "
          "board's generation (board_ids). Where 'baton admin prune' takes it just now the job begins anew "
          "at "
          "the next try. Was a row deleted by hand? Restore it; or delete the job's row in jobs, too, and "
          "the "
          "job begins anew, as if nothing of it had ever run"};
}

void read_claims(std::span<ClaimWork* const> claims, std::span<RefusedWork* const> refusals,
                 const ResultSet& rows) {
  BATON_ASSERT(rows.rows() <= claims.size() + refusals.size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const auto n = static_cast<std::size_t>(rows.number(row, 0));
    ClaimOutcome outcome = outcome_of(rows, row);
    if (n < claims.size())
      std::exchange(claims[n]->done, nullptr)(std::move(outcome));
    else
      finish_refusal(*refusals[n - claims.size()], outcome);
  }
  for (ClaimWork* work : claims)
    if (work->done) std::exchange(work->done, nullptr)(Fail(row_gone(work->request)));
  for (RefusedWork* work : refusals)
    if (work->done) std::exchange(work->done, nullptr)(Fail(row_gone(work->request)));
}

}  // namespace

void add_claims(Transaction& transaction, std::span<ClaimWork*> claims, std::span<RefusedWork*> refusals,
                const std::string& origin) {
  if (claims.empty() && refusals.empty()) return;
  std::vector<const ClaimRequest*> requests;
  for (const ClaimWork* work : claims) requests.push_back(&work->request);
  for (const RefusedWork* work : refusals) requests.push_back(&work->request);
  ArrayParameter boards(E::Text);
  NewJobColumns jobs;
  ClaimColumns columns;
  for (std::size_t n = 0; n < requests.size(); ++n) {
    const std::string content = ports::content_of(requests[n]->posting);
    boards.add(std::string_view(requests[n]->board_id));
    jobs.add(*requests[n], content);
    columns.add(n, *requests[n], content);
  }
  transaction.add(kBoards, {boards.finish(), origin});
  transaction.add(kNewJobs, jobs.finish());
  transaction.add(kClaims, columns.finish(origin),
                  [claims = std::vector(claims.begin(), claims.end()),
                   refusals = std::vector(refusals.begin(), refusals.end())](const ResultSet& rows) {
                    read_claims(claims, refusals, rows);
                  });
  if (!refusals.empty()) transaction.add(kRefusals, refusal_parameters(refusals));
}

}  // namespace baton::postgres
