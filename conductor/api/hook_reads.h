#pragma once

#include <memory>
#include <utility>

#include "conductor/api/backend.h"
#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"
#include "conductor/api/problem.h"

namespace baton::api {

Problem no_hook_calls_kept();

/// Who is called when something happens (docs/hooks.md): the hooks of this conductor, and the calls that any
/// conductor has recorded.
class HookReads : public std::enable_shared_from_this<HookReads> {
 public:
  HookReads(const Backend& backend, std::shared_ptr<BoardView> board)
      : backend_(backend), board_(std::move(board)) {}

  void list(const Request&, Reply);    // GET /v1/hooks
  void of_job(const Request&, Reply);  // GET /v1/jobs/{uuid}/hooks
  void test(const Request&, Reply);    // POST /v1/hooks/{name}/test

 private:
  struct Listing;
  void write_all(const Listing&, const Reply&) const;
  void list_of_unknown(const JobId&, Reply);

  const Backend backend_;
  const std::shared_ptr<BoardView> board_;
};

}  // namespace baton::api
