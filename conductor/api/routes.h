#pragma once

#include <memory>

#include "conductor/api/backend.h"
#include "conductor/api/exchange.h"
#include "conductor/api/flow_files.h"
#include "conductor/api/hook_reads.h"
#include "conductor/api/hook_retries.h"
#include "conductor/api/job_list.h"
#include "conductor/api/job_orders.h"
#include "conductor/api/job_posts.h"
#include "conductor/api/job_reads.h"
#include "conductor/api/limits.h"

namespace baton::api {

/// Which request goes where (docs/api.md lists the same routes for people).
class Routes : public std::enable_shared_from_this<Routes> {
 public:
  Routes(const Backend&, const Limits&);
  ~Routes() { close(); }
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  void handle(const Request&, Reply);
  const Limits& limits() const { return limits_; }
  /// Nobody is answered any more, though the board may owe an answer still.
  void close() { board_->close(); }

 private:
  using Handler = void (Routes::*)(const Request&, Reply);
  struct Route {
    std::string_view method;
    std::string_view path;  // "/v1/jobs/{uuid}"
    Handler handler;
  };
  static const Route kRoutes[];

  void post_job(const Request& request, Reply reply) { posts_->post(request, std::move(reply)); }
  void list_jobs(const Request& request, Reply reply) { list_->list(request, std::move(reply)); }
  void show_job(const Request& request, Reply reply) { reads_->show(request, std::move(reply)); }
  void job_history(const Request& request, Reply reply) { reads_->history(request, std::move(reply)); }
  void order_job(const Request& request, Reply reply) { orders_->post(request, std::move(reply)); }
  void job_orders(const Request& request, Reply reply) { orders_->list(request, std::move(reply)); }
  void job_events(const Request& request, Reply reply) { reads_->events(request, std::move(reply)); }
  void job_hooks(const Request& request, Reply reply) { hooks_->of_job(request, std::move(reply)); }
  void list_hooks(const Request& request, Reply reply) { hooks_->list(request, std::move(reply)); }
  void test_hook(const Request& request, Reply reply) { hooks_->test(request, std::move(reply)); }
  void retry_hook_call(const Request& request, Reply reply) { retries_->post(request, std::move(reply)); }
  void all_events(const Request&, Reply);
  void workers(const Request&, Reply);
  void conductors(const Request&, Reply);
  void self(const Request&, Reply);
  void left_alone(const Request&, Reply);
  void flows(const Request&, Reply);
  void flow(const Request&, Reply);
  void put_flow_file(const Request& request, Reply reply) { files_->put(request, std::move(reply)); }
  void list_flow_files(const Request& request, Reply reply) { files_->list(request, std::move(reply)); }
  void show_flow_file(const Request& request, Reply reply) { files_->show(request, std::move(reply)); }
  void flow_file_versions(const Request& request, Reply reply) {
    files_->versions(request, std::move(reply));
  }
  void metrics(const Request&, Reply);
  void health(const Request&, Reply);
  void readiness(const Request&, Reply);

  const Backend backend_;
  const Limits limits_;
  const std::shared_ptr<BoardView> board_;
  const std::shared_ptr<JobReads> reads_;
  const std::shared_ptr<JobList> list_;
  const std::shared_ptr<JobPosts> posts_;
  const std::shared_ptr<JobOrders> orders_;
  const std::shared_ptr<FlowFiles> files_;
  const std::shared_ptr<HookReads> hooks_;
  const std::shared_ptr<HookRetries> retries_;
};

}  // namespace baton::api
