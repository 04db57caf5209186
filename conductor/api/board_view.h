#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/job_board.h"

namespace baton::api {

/// Looks at the board for jobs that no conductor has recorded yet. A look reads every job, so looks are
/// shared: at most one is under way, those who come meanwhile share the next one.
class BoardView : public std::enable_shared_from_this<BoardView> {
 public:
  using Jobs = std::shared_ptr<const std::vector<ports::BoardJob>>;
  using Done = std::function<void(Result<Jobs, ports::BoardError>)>;

  BoardView(ports::JobBoard& board, ports::Clock& clock, Millis age_max);

  /// As it was at most age_max ago.
  void recent(Done);
  /// As it was after this call.
  void fresh(Done);
  /// The next recent() looks anew: something was posted.
  void forget();
  /// Nobody is answered any more. Who waits is dropped: he holds what holds this.
  void close();

 private:
  void look();
  void seen(Result<std::vector<ports::BoardJob>, ports::BoardError>);

  ports::JobBoard& board_;
  ports::Clock& clock_;
  const Millis age_max_;
  Jobs last_;
  Micros last_at_{0};
  bool closed_ = false;
  bool looking_ = false;
  bool outdated_ = false;         // the look under way began before a forget()
  std::vector<Done> now_, next_;  // bounded by the connections
};

/// The newest node with that uuid; null: none.
const ports::BoardJob* find_job(const std::vector<ports::BoardJob>&, const JobId&);

}  // namespace baton::api
