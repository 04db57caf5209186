#pragma once

#include <memory>

#include "conductor/api/backend.h"
#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"

namespace baton::api {

/// What people ask of a job: suspend, resume, cancel. Any conductor records it; whoever owns the flow then
/// carries it out (PROTOCOL.md I21).
class JobOrders : public std::enable_shared_from_this<JobOrders> {
 public:
  JobOrders(const Backend&, std::shared_ptr<BoardView>);

  void post(const Request&, Reply);  // POST /v1/jobs/{uuid}/orders
  void list(const Request&, Reply);  // GET /v1/jobs/{uuid}/orders

 private:
  enum class Board { Unseen, Seen };
  void record(const ports::OrderRequest&, Board, Reply);
  void look_at_board(const ports::OrderRequest&, const ports::OrderOutcome&, Reply);
  void list_unrecorded(const JobId&, Reply);

  const Backend backend_;
  const std::shared_ptr<BoardView> board_;
};

}  // namespace baton::api
