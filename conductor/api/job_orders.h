#pragma once

#include <memory>
#include <optional>

#include "conductor/api/backend.h"
#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"

namespace baton::api {

/// What people ask of a job: suspend, resume, cancel, rerun, retry, skip, done. Any conductor records it;
/// whoever owns the flow then carries it out (PROTOCOL.md I21). An order that begins a run of a job that has
/// ended is looked at first: what makes no sense is not recorded. When it is recorded the run is posted.
class JobOrders : public std::enable_shared_from_this<JobOrders> {
 public:
  JobOrders(const Backend&, std::shared_ptr<BoardView>);

  void post(const Request&, Reply);  // POST /v1/jobs/{uuid}/orders
  void list(const Request&, Reply);  // GET /v1/jobs/{uuid}/orders

 private:
  enum class Board { Unseen, Seen };
  struct Asked {
    ports::OrderRequest request;
    std::optional<Posting> next;  // of the run that it begins
  };

  void look_at_ended(Asked, Reply);
  void look_at_atom(const Asked&, const ports::JobDetail&, Reply);
  void record(const Asked&, Board, Reply);
  void post_run(const ports::OrderRecord&, const Posting&, Reply);
  void look_at_board(const Asked&, const ports::OrderOutcome&, Reply);
  void list_unrecorded(const JobId&, Reply);

  const Backend backend_;
  const std::shared_ptr<BoardView> board_;
};

}  // namespace baton::api
