#include "conductor/api/board_view.h"

namespace baton::api {

BoardView::BoardView(ports::JobBoard& board, ports::Clock& clock, Millis age_max)
    : board_(board), clock_(clock), age_max_(age_max) {}

void BoardView::recent(Done done) {
  if (closed_) return;
  if (last_ && clock_.steady() - last_at_ <= age_max_) return done(last_);
  if (looking_ && !outdated_)
    now_.push_back(std::move(done));
  else
    fresh(std::move(done));
}

void BoardView::fresh(Done done) {
  if (closed_) return;
  (looking_ ? next_ : now_).push_back(std::move(done));
  if (!looking_) look();
}

void BoardView::forget() {
  last_ = nullptr;
  outdated_ = looking_;
}

void BoardView::close() {
  closed_ = true;
  const auto dropped = std::pair(std::exchange(now_, {}), std::exchange(next_, {}));
}

void BoardView::look() {
  looking_ = true;
  last_at_ = clock_.steady();
  board_.list([weak = weak_from_this()](Result<std::vector<ports::BoardJob>, ports::BoardError> jobs) {
    if (const auto self = weak.lock()) self->seen(std::move(jobs));
  });
}

void BoardView::seen(Result<std::vector<ports::BoardJob>, ports::BoardError> jobs) {
  auto waiting = std::exchange(now_, std::exchange(next_, {}));
  looking_ = false;
  Jobs seen_now;
  if (jobs.ok()) seen_now = std::make_shared<const std::vector<ports::BoardJob>>(std::move(jobs).value());
  last_ = std::exchange(outdated_, false) ? nullptr : seen_now;
  if (!now_.empty()) look();
  for (const auto& done : waiting) {
    if (seen_now)
      done(seen_now);
    else
      done(Fail(jobs.error()));
  }
}

const ports::BoardJob* find_job(const std::vector<ports::BoardJob>& jobs, const JobId& uuid) {
  const ports::BoardJob* found = nullptr;
  for (const auto& job : jobs)
    if (job.posting.uuid == uuid && (!found || found->czxid < job.czxid)) found = &job;
  return found;
}

}  // namespace baton::api
