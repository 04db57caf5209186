/// What the board says to a ClaimLoop: jobs that come and go, its layout, its generation, its session.
#include "conductor/claim_loop.h"

#include "common/runtime/log.h"

namespace baton::conductor {

void ClaimLoop::on_job(const ports::BoardJob& job) {
  connected_ = true;
  candidates_.seen(job, with_.clock.steady());
  if (listed_) pump();
}

/// Another's hand (PROTOCOL.md H30): stop, and claim it anew.
void ClaimLoop::on_claim_lost(const std::string& path) {
  const auto found = held_.find(path);
  if (found == held_.end()) return;
  const auto job = found->second;
  job->lock_gone();
}

void ClaimLoop::on_gone(const std::string& path) {
  unclaimable_.gone(path);
  candidates_.gone(path);
  const auto found = held_.find(path);
  if (found == held_.end()) return;
  const auto job = found->second;
  job->node_gone();
}

/// What is held goes on: its lock and the fence are as good as before.
void ClaimLoop::on_refused(const std::string& why) {
  forget_generation();
  if (board_refused_ == why) return;
  board_refused_ = why;
  runtime::Log().error("the board is not as we were told", {{"why", why}});
}

void ClaimLoop::on_stray(const std::string& folder, std::size_t jobs) {
  if (jobs == 0) {
    unclaimable_.gone(folder);
    strayed_.erase(folder);
  } else {
    unclaimable_.show(folder, std::to_string(jobs) +
                                  " job nodes stand in this folder, which was the board's while "
                                  "conductor.board_shards was another number, and which no conductor lists: "
                                  "post them again to the API, under their uuids, and remove the nodes");
    strayed_.insert(folder);
  }
  share_looks();
}

void ClaimLoop::on_listed() {
  connected_ = listed_ = true;
  candidates_.listed();
  if (!generation_known_ && !draining_) check_board();
  pump();
}

/// While the link was cut the board may have been restored, and our session with it.
void ClaimLoop::on_disconnected() {
  connected_ = false;
  forget_generation();
}

void ClaimLoop::check_board() {
  check_.begin([this](const BoardCheck::Board& board) { generation_known(board); },
               [this](const std::string& why) { on_refused(why); });
}

void ClaimLoop::forget_generation() {
  with_.clock.cancel(std::exchange(next_check_, 0));
  generation_known_ = false;
  check_.stop();
  sweeper_.stop();
  missing_.stop();
  removals_.stop();
}

void ClaimLoop::generation_known(const BoardCheck::Board& board) {
  generation_known_ = true;
  board_refused_.clear();
  const auto before = std::exchange(generation_, board.generation);
  if (before != 0 && before != board.generation && !held_.empty())
    free_all("the board has another generation: what is held is of an earlier one");
  sweeper_.begin(board.generation, board.folders);
  missing_.begin(board.folders);
  removals_.begin(board.folders);
  next_check_ = with_.clock.after(with_.host.bounds.board_mark, alive_.guard([this] {
    next_check_ = 0;
    check_board();
  }));
  pump();
}

/// Every claim is void: hosts stop at once, nothing is deleted through the new session.
void ClaimLoop::on_session_lost() {
  runtime::Log().warning("board session lost", {{"claims", held_.size()}});
  connected_ = listed_ = false;
  forget_generation();
  session_.renew();
  asked_.clear();
  held_.clear();
  candidates_.clear();
  unclaimable_.clear();
  strayed_.clear();
  share_looks();
  drained_if_empty();
}

}  // namespace baton::conductor
