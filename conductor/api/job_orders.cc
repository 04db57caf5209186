#include "conductor/api/job_orders.h"

#include "common/model/assert.h"
#include "conductor/api/job_json.h"
#include "conductor/api/limits.h"
#include "conductor/api/order_body.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"
#include "conductor/orders.h"
#include "engine/asked_run.h"
#include "engine/plan.h"

namespace baton::api {
namespace {

Problem ended(const ports::OrderRequest& request, const ports::OrderOutcome& outcome) {
  return {409,
          "job-ended",
          "The job has ended",
          "job '" + request.job.value + "' has ended in " + std::string(to_string(outcome.state)) + " (run " +
              std::to_string(outcome.run) + "): " +
              (begins_run(request.order.kind)
                   ? "it cannot be run again"
                   : "there is nothing left to " + std::string(to_string(request.order.kind))),
          {},
          {}};
}

Problem refused(const ports::OrderRequest& request, const ports::OrderOutcome& outcome) {
  const bool unknown = outcome.verdict == ports::OrderVerdict::UnknownJob;
  return unknown ? no_such_job(request.job.value) : ended(request, outcome);
}

Problem too_many(const ports::OrderRequest& request) {
  return {409,
          "too-many-orders",
          "Too many orders of this job are open",
          std::to_string(kOrdersOpenMax) + " orders of job '" + request.job.value +
              "' wait for the conductor that owns it (GET /v1/jobs/{uuid}/orders lists them); once it has "
              "taken them, ask again",
          {},
          {}};
}

Problem at_work(const ports::OrderRequest& request, FlowState state, std::uint32_t run) {
  return {409,
          "job-at-work",
          "The job has not ended",
          "job '" + request.job.value + "' is " + std::string(to_string(state)) + " (run " +
              std::to_string(run) + "): " + std::string(to_string(request.order.kind)) +
              " is for one that has ended; wait for its end, or cancel it first (with \"keep\" nothing is "
              "reverted)",
          {},
          {}};
}

Problem other_run(const ports::OrderRequest& request, std::uint32_t run) {
  return {409,
          "other-run",
          "Another run is the job's last",
          "the order is for run " + std::to_string(request.last_run) + " of job '" + request.job.value +
              "', and its last one is run " + std::to_string(run) +
              "; look at what that one did, then ask again",
          {},
          {}};
}

Problem run_asked(const ports::OrderRecord& before) {
  return {409,
          "run-asked",
          "Another run of this job has been asked for",
          "run " + std::to_string(before.run) + " of job '" + before.job.value + "' is to begin with " +
              std::string(to_string(before.order.kind)) + " (order " + std::to_string(before.id) + ", by " +
              before.order.who + "), and no conductor has claimed it yet; ask again when that run has ended",
          {},
          {}};
}

Problem not_postable(const JobId& job, const ValueError& error) {
  return {413,
          "posting-too-large",
          "The posting is too large for the board",
          "job '" + job.value + "' cannot be posted for another run: " + error.message,
          {},
          {}};
}

Problem no_such_atom(const JobId& job, const std::string& atom) {
  return {404,
          "no-such-atom",
          "No such atom",
          "job '" + job.value + "' has no atom '" + atom + "'; GET /v1/jobs/{uuid} lists those that it has",
          {},
          {}};
}

Problem atom_refused(const ports::OrderRequest& request, std::string why) {
  return {
      409,
      "atom-refused",
      "The order does not fit the atom",
      std::string(to_string(request.order.kind)) + " of job '" + request.job.value + "': " + std::move(why),
      {},
      {}};
}

/// Unlike a read's, its failure may have come after the deed.
Problem not_recorded(const ports::StoreError& error) {
  if (error.code != ports::StoreErrorCode::OutcomeUnknown) return from_store(error);
  return {503,
          "order-unknown",
          "Nobody knows whether the order is recorded",
          error.message + "; GET /v1/jobs/{uuid}/orders tells",
          {},
          {{"Retry-After", "1"}}};
}

/// Also where the same order is on record: asked again it would be that one.
ports::OrderRecord would_be(ports::OrderRecord record) {
  record.id = 0;
  return record;
}

/// Of a dry run the record has no id.
Response recorded(const ports::OrderRecord& record, const std::string& warning = {}) {
  JsonText json;
  write_order(json, record, warning);
  return {record.id == 0 ? 200u : 202u, "application/json", json.take(), {}};
}

/// The engine's word on it; nullopt: it fits.
std::optional<Problem> judge(const ports::OrderRequest& request, const engine::Plan& plan,
                             const ports::AtomView& atom) {
  const auto event = conductor::event_of({0, request.job, 0, request.order, {}, {}, {}});
  auto why = asked_run_refused(plan, atom.index, atom.record.state, std::get<engine::RunAsked>(event));
  return why.empty() ? std::nullopt : std::optional(atom_refused(request, std::move(why)));
}

Response page_of(const ports::OrderPage& page) {
  JsonText json;
  json.begin_object().key("orders").begin_array();
  for (const auto& record : page.orders) write_order(json, record);
  json.end_array();
  if (page.more) json.member("more", true);
  json.end_object();
  return {200, "application/json", json.take(), {}};
}

}  // namespace

JobOrders::JobOrders(const Backend& backend, std::shared_ptr<BoardView> board)
    : backend_(backend), board_(std::move(board)) {}

void JobOrders::post(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"dry_run"})) return reply(to_response(*unknown));
  const auto dry_run = dry_run_parameter(request);
  if (!dry_run.ok()) return reply(to_response(dry_run.error()));
  auto read = read_order_body(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) return reply(to_response(*problem));
  auto& body = std::get<OrderBody>(read);
  Asked asked{{JobId(request.path[2]), std::move(body.order), 0, body.run, dry_run.value()}, {}};
  if (begins_run(asked.request.order.kind)) return look_at_ended(std::move(asked), std::move(reply));
  record(asked, Board::Unseen, std::move(reply));
}

/// What is seen here is the last run's end, and the order is recorded only if that still is the last one.
void JobOrders::look_at_ended(Asked asked, Reply reply) {
  const JobId uuid = asked.request.job;
  const bool names = names_atom(asked.request.order.kind);
  backend_.store.show(
      uuid, {.limit = names ? 1u : 0u},
      [self = shared_from_this(), asked = std::move(asked), names, reply](const auto& job) mutable {
        auto& request = asked.request;
        if (!job.ok() && job.error().code == ports::StoreErrorCode::NotFound)
          return self->record(asked, Board::Unseen, reply);
        if (!job.ok()) return reply(to_response(from_store(job.error())));
        const auto& [state, run] = std::pair(job->summary.state, job->summary.run);
        if (request.last_run != 0 && request.last_run != run)
          return reply(to_response(other_run(request, run)));
        if (!is_final(state)) return reply(to_response(at_work(request, state, run)));
        request.last_run = run;
        auto next = job->posting.for_run(run + 1);
        if (!next.ok()) return reply(to_response(not_postable(request.job, next.error())));
        asked.next = std::move(next).value();
        names ? self->look_at_atom(asked, *job, reply) : self->record(asked, Board::Unseen, reply);
      });
}

void JobOrders::look_at_atom(const Asked& asked, const ports::JobDetail& job, Reply reply) {
  const auto& request = asked.request;
  if (job.plan.empty()) return reply(to_response(no_such_atom(request.job, request.order.atom)));
  const auto plan = engine::decode(job.plan);
  if (!plan.ok())
    return reply(to_response(
        {503, "store-version", "The flow's plan is of another version", plan.error().message, {}, {}}));
  const AtomIndex atom = (*plan)->find(request.order.atom);
  if (atom == kNoAtom) return reply(to_response(no_such_atom(request.job, request.order.atom)));
  backend_.store.show(request.job, {.first = atom, .limit = 1},
                      [self = shared_from_this(), asked, plan = *plan, reply](const auto& page) {
                        if (!page.ok()) return reply(to_response(from_store(page.error())));
                        BATON_ASSERT(!page->atoms.empty());
                        if (const auto problem = judge(asked.request, *plan, page->atoms[0]))
                          return reply(to_response(*problem));
                        self->record(asked, Board::Unseen, reply);
                      });
}

void JobOrders::record(const Asked& asked, Board board, Reply reply) {
  using Said = Result<ports::OrderOutcome, ports::StoreError>;
  backend_.store.order(asked.request, [self = shared_from_this(), asked, board, reply](const Said& said) {
    const auto& request = asked.request;
    if (!said.ok()) return reply(to_response(not_recorded(said.error())));
    switch (said->verdict) {
      case ports::OrderVerdict::Recorded:
        if (request.dry_run) return reply(recorded(would_be(said->record)));
        if (asked.next) return self->post_run(said->record, *asked.next, reply);
        return reply(recorded(said->record));
      case ports::OrderVerdict::AtWork:
        return reply(to_response(at_work(request, said->state, said->run)));
      case ports::OrderVerdict::OtherRun:
        return reply(to_response(other_run(request, said->run)));
      case ports::OrderVerdict::RunAsked:
        return reply(to_response(run_asked(said->record)));
      case ports::OrderVerdict::TooMany:
        return reply(to_response(too_many(request)));
      case ports::OrderVerdict::UnknownJob:
      case ports::OrderVerdict::Ended:
        if (board == Board::Unseen) return self->look_at_board(asked, *said, reply);
        reply(to_response(refused(request, *said)));
    }
  });
}

/// Recorded before: what is not posted now, a conductor posts (missing_jobs.h).
void JobOrders::post_run(const ports::OrderRecord& record, const Posting& next, Reply reply) {
  const auto unposted = [record, reply](const ports::BoardError& error) {
    reply(recorded(record, error.message + ": the run is not on the board yet; a conductor will post it"));
  };
  board_->fresh([self = shared_from_this(), record, next, unposted, reply](const auto& jobs) {
    if (!jobs.ok()) return unposted(jobs.error());
    // Asked for again.
    const auto* there = find_job(**jobs, record.job);
    if (there && there->posting.run == record.run) return reply(recorded(record));
    if (there && there->posting.run > record.run)
      return reply(recorded(record, "run " + std::to_string(there->posting.run) +
                                        " of the job is on the board already; the order has no effect if "
                                        "that is claimed first"));
    self->backend_.board.post(next, [self, record, unposted, reply](const auto& path) {
      self->board_->forget();
      path.ok() ? reply(recorded(record)) : unposted(path.error());
    });
  });
}

/// For a job that no conductor has claimed yet, or a later run of one that has ended.
void JobOrders::look_at_board(const Asked& asked, const ports::OrderOutcome& outcome, Reply reply) {
  board_->fresh([self = shared_from_this(), asked, outcome, reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    const auto& request = asked.request;
    const auto* job = find_job(**jobs, request.job);
    const std::uint32_t run = job ? job->posting.run : 0;
    if (run <= outcome.run && outcome.run > 0) return reply(to_response(refused(request, outcome)));
    if (job && begins_run(request.order.kind))
      return reply(to_response(at_work(request, FlowState::Pending, run)));
    // Not there: perhaps it was claimed, and is gone from the board, between the two looks.
    Asked again = asked;
    again.request.run_on_board = run;
    self->record(again, Board::Seen, reply);
  });
}

void JobOrders::list(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  const JobId job(request.path[2]);
  backend_.store.orders(job, kOrdersShownMax, [self = shared_from_this(), job, reply](const auto& page) {
    if (page.ok()) return reply(page_of(*page));
    if (page.error().code != ports::StoreErrorCode::NotFound)
      return reply(to_response(from_store(page.error())));
    self->list_unrecorded(job, reply);
  });
}

void JobOrders::list_unrecorded(const JobId& job, Reply reply) {
  board_->fresh([job, reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    reply(find_job(**jobs, job) ? page_of({}) : to_response(no_such_job(job.value)));
  });
}

}  // namespace baton::api
