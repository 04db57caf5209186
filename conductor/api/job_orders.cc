#include "conductor/api/job_orders.h"

#include "conductor/api/job_json.h"
#include "conductor/api/limits.h"
#include "conductor/api/order_body.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

Problem ended(const ports::OrderRequest& request, const ports::OrderOutcome& outcome) {
  return {409,
          "job-ended",
          "The job has ended",
          "job '" + request.job.value + "' has ended in " + std::string(to_string(outcome.state)) + " (run " +
              std::to_string(outcome.run) + "): there is nothing left to " +
              std::string(to_string(request.order.kind)),
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

Response recorded(const ports::OrderRecord& record) {
  JsonText json;
  write_order(json, record);
  return {202, "application/json", json.take(), {}};
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
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  const auto read = read_order_body(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) return reply(to_response(*problem));
  record({JobId(request.path[2]), std::get<Order>(read), 0}, Board::Unseen, std::move(reply));
}

void JobOrders::record(const ports::OrderRequest& request, Board board, Reply reply) {
  using Said = Result<ports::OrderOutcome, ports::StoreError>;
  backend_.store.order(request, [self = shared_from_this(), request, board, reply](const Said& said) {
    if (!said.ok()) return reply(to_response(not_recorded(said.error())));
    switch (said->verdict) {
      case ports::OrderVerdict::Recorded:
        return reply(recorded(said->record));
      case ports::OrderVerdict::TooMany:
        return reply(to_response(too_many(request)));
      case ports::OrderVerdict::UnknownJob:
      case ports::OrderVerdict::Ended:
        if (board == Board::Unseen) return self->look_at_board(request, *said, reply);
        reply(to_response(refused(request, *said)));
    }
  });
}

/// For a job that no conductor has claimed yet, or a later run of one that has ended.
void JobOrders::look_at_board(const ports::OrderRequest& request, const ports::OrderOutcome& outcome,
                              Reply reply) {
  board_->fresh([self = shared_from_this(), request, outcome, reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    const auto* job = find_job(**jobs, request.job);
    const std::uint32_t run = job ? job->posting.run : 0;
    if (run <= outcome.run && outcome.run > 0) return reply(to_response(refused(request, outcome)));
    // Not there: perhaps it was claimed, and is gone from the board, between the two looks.
    self->record({request.job, request.order, run}, Board::Seen, reply);
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
