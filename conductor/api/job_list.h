#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"
#include "conductor/api/job_reads.h"
#include "conductor/api/limits.h"

namespace baton::api {

/// GET /v1/jobs: first the jobs that are on the board and not recorded yet, then the recorded ones, each
/// newest first; of TRASHED ones also the nodes that stand for no job, by path. A cursor says where the next
/// page begins: "b<czxid>" in the first part, "s<cursor of the store>" in the second, "t<path>" in the third.
class JobList : public std::enable_shared_from_this<JobList> {
 public:
  JobList(const Backend&, const Limits&, std::shared_ptr<BoardView>, std::shared_ptr<JobReads>);

  void list(const Request&, Reply);

 private:
  struct Query {
    ports::JobFilter filter;
    bool board = true;                   // the first part is asked for
    std::optional<std::int64_t> before;  // in it: older nodes than this czxid
    bool jobs = true;                    // the second part too
    bool nodes = false;                  // the third part too
    std::string before_path;             // in it
  };
  struct Page {
    std::vector<ports::JobSummary> jobs;
    std::vector<ports::TrashedNode> nodes;
    std::string next;
    std::string incomplete;  // why the board's jobs are missing
  };
  static std::variant<Query, Response> read_query(const Request&, const Limits&, TimePoint now);
  static bool read_cursor(const std::string&, Query&);
  void board_part(Query, Reply);
  void unrecorded(Query, std::vector<ports::BoardJob> candidates, bool more, Reply);
  void board_page(Query, std::vector<ports::BoardJob>, bool more, std::int64_t last, Reply);
  void end_or_cursor(const Query&, Page, Reply);
  void store_part(Query, Page, Reply);
  void nodes_part(const Query&, Page, Reply);
  void answer(const Page&, const Reply&) const;

  const Backend backend_;
  const Limits limits_;
  const std::shared_ptr<BoardView> board_;
  const std::shared_ptr<JobReads> reads_;
};

}  // namespace baton::api
