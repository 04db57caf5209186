#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conductor/board_check.h"
#include "conductor/candidates.h"
#include "conductor/held_job.h"
#include "conductor/missing_jobs.h"
#include "conductor/removal_notes.h"
#include "conductor/sweeper.h"
#include "conductor/unclaimable_nodes.h"

namespace baton::conductor {

/// ClaimLoop keeps this conductor supplied with jobs: it listens to the board, claims what is due within its
/// bounds, and starts one HeldJob per lock.
/// Life: made by Conductor; open() once; ends with drain() or its destruction.
/// Not here: what a claimed job needs (held_job.h), the order of candidates (candidates.h), nodes that are no
/// job (unclaimable_nodes.h).
class ClaimLoop final : public ports::JobBoard::Listener, public HeldJob::Owner {
 public:
  ClaimLoop(JobServices);
  ~ClaimLoop() override;

  void open();
  void conductors(const std::vector<ports::Member>&);
  /// Jobs at whose work conductors died: one that did it too often is left alone and shown (PROTOCOL.md H22).
  void culprits(const ports::Culprits& culprits) { culprits_ = culprits; }

  /// Every flow stops at once, its claim is freed within free_jitter, not all at one moment. Nothing is
  /// claimed until pump() finds the lifeline good.
  void free_all(const std::string& why);
  /// The store is another database (PROTOCOL.md H17): every claim is freed, and nothing is claimed before the
  /// board's generation there is known.
  void another_database(const std::string& what);
  /// Stops claiming, frees every claim after its commit under way; `done` once, when none is left.
  void drain(std::function<void()> done);
  /// Claims what is due now. Called when something that held it back may have changed.
  void pump();

  // for people
  std::vector<LiveFlow> flows() const;
  std::optional<LiveFlow> flow(const JobId&) const;
  std::vector<LeftAloneJob> left_alone() const;
  std::vector<ParkedJob> parked() const;
  std::size_t held() const { return held_.size(); }
  const Candidates& board() const { return candidates_; }
  std::size_t candidates() const { return candidates_.waiting(); }
  std::size_t board_jobs() const { return candidates_.known(); }
  std::size_t left_alone_count() const { return candidates_.left_alone_count(); }
  bool connected() const { return connected_; }
  std::string paused() const;  // why nothing is claimed; empty: it is

  // ports::JobBoard::Listener
  void on_job(const ports::BoardJob&) override;
  void on_gone(const std::string& path) override;
  void on_unreadable(const std::string& path, const std::string& problem) override {
    unclaimable_.unreadable(path, problem);
  }
  void on_claim_lost(const std::string& path) override;
  void on_stuck_lock(const std::string& path, const std::string& why) override {
    unclaimable_.show(path, why);
  }
  void on_stuck_lock_gone(const std::string& path) override { unclaimable_.gone(path); }
  void on_refused(const std::string& why) override;
  void on_stray(const std::string& folder, std::size_t jobs) override;
  void on_listed() override;
  void on_disconnected() override;
  void on_session_lost() override;

 private:
  void check_board();
  void forget_generation();
  void generation_known(const BoardCheck::Board&);
  void job_ended(const std::string& path, const JobEnding&) override;
  void makes_way_for(const HeldJob&) override;
  std::optional<std::string> poison(const Posting&) const override;
  bool stands_on_board(const Posting&, const std::string& path) const override;

  std::string no_room_for(std::size_t atoms, std::size_t counted) const override;
  void offer_room();
  bool may_ask() const;
  std::string held_back() const;  // as paused(), but for room that is kept

  void share_looks();
  bool is_first(const std::vector<ports::Member>&) const;
  bool idle() const { return held_.empty() && asked_.empty(); }
  void claim(const ports::BoardJob&);
  void unless_recorded(const ports::BoardJob&, const std::string& why);
  void leave_alone(const ports::BoardJob&, const std::string& why);
  void ask(const ports::BoardJob&);
  void claimed(const ports::BoardJob&, std::shared_ptr<AtomCount>,
               Result<ports::BoardClaim, ports::BoardError>);
  void park(const HeldJob&, const JobEnding&, const std::string& path);
  void arm();
  void drained_if_empty();
  double random_share();

  JobServices with_;
  Candidates candidates_;
  UnclaimableNodes unclaimable_;
  std::map<std::string, std::shared_ptr<HeldJob>> held_;  // by path
  std::deque<ParkedJob> parked_;
  ports::Culprits culprits_;
  std::map<std::string, std::shared_ptr<AtomCount>> asked_;  // claims in flight, by path
  bool connected_ = false, listed_ = false, draining_ = false;
  BoardCheck check_;
  Sweeper sweeper_;
  MissingJobs missing_;
  RemovalNotes removals_;
  bool first_ = false;             // of the live conductors: it does what one is enough for
  std::string board_refused_;      // why we may do nothing on the board; empty: we may
  std::set<std::string> strayed_;  // folders with jobs that nobody lists
  std::uint32_t generation_ = 0;   // of the board, as known last; 0: what is held is being freed anyway
  bool generation_known_ = false;
  ports::TimerId next_check_ = 0;
  std::function<void()> drained_;
  ports::TimerId timer_ = 0;
  Alive session_;  // callbacks of this board session
  Alive alive_;
};

}  // namespace baton::conductor
