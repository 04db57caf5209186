#pragma once

#include <map>
#include <memory>
#include <string>

#include "conductor/api/backend.h"
#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"
#include "conductor/api/limits.h"

namespace baton::api {

/// Jobs as people ask for them: one job, its history, its events. What is recorded comes from the FlowStore;
/// what stands on the board and is not recorded yet is shown as PENDING; what waits and runs right now comes
/// from this conductor's memory if it holds the job.
class JobReads : public std::enable_shared_from_this<JobReads> {
 public:
  JobReads(const Backend& backend, const Limits& limits, std::shared_ptr<BoardView> board);

  void show(const Request&, Reply);     // GET /v1/jobs/{uuid}
  void history(const Request&, Reply);  // GET /v1/jobs/{uuid}/history
  void events(const Request&, Reply);   // GET /v1/jobs/{uuid}/events

  /// Why jobs do not move, by uuid, as far as this conductor knows.
  std::map<std::string, std::string> reasons() const;

 private:
  void show_unrecorded(const JobId&, const ports::AtomPage&, Reply);
  void show_on_board(const ports::BoardJob&, const ports::AtomPage&, Reply);
  Response detail_of(const ports::JobDetail&, const ports::AtomPage&) const;
  void write_atoms(class JsonText&, const ports::JobDetail&, const ports::AtomPage&) const;
  void write_owner(class JsonText&, const ports::JobSummary&) const;
  void events_if_unrecorded(const JobId&, std::uint64_t after, Reply);
  void resume_events(const JobId&, std::uint64_t after, const std::vector<ports::JobSummary>&, Reply);
  /// For a job that the store did not know, `unknown` is what it has said: calls `there` if it stands on the
  /// board, with its node, or was recorded meanwhile, with null; otherwise answers 404.
  void if_unrecorded(const JobId&, const ports::StoreError& unknown, Reply,
                     std::function<void(const ports::BoardJob*)> there);
  void begin_history(const JobId&, const ports::HistoryPage&, Reply);

  const Backend backend_;
  const Limits limits_;
  const std::shared_ptr<BoardView> board_;
};

/// What people are told of a job that does not move; empty: it does, or has ended.
std::string waiting_for(const ports::JobSummary&, const std::map<std::string, std::string>& reasons);

}  // namespace baton::api
