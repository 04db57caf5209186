#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/ports/entropy.h"
#include "common/ports/job_board.h"
#include "conductor/flow_host.h"
#include "conductor/flow_source.h"

namespace baton::conductor {

struct JobServices {
  HostServices host;
  ports::JobBoard& board;
  ports::Clock& clock;
  ports::Executor& executor;
  ports::Entropy& entropy;
  FlowSource& source;
  const ports::Member& self;
  runtime::Unreadables& unreadables;
};

/// How our hold on a job ended.
struct JobEnding {
  enum class How {
    Finished,   // final in the store and gone from the board
    Removed,    // this node was a duplicate, trashed, or had ended before
    Freed,      // our lock is gone, the job is there: to be claimed again, by anyone
    Refused,    // freed, since another holds it by right or its claim ended without a clear commit: tried
                // again after a pause that grows, shown when that goes on
    LeftAlone,  // freed, and not tried here again for a while: `reason` is shown
    NoRoom,     // freed, to be claimed again when there is room for its `atoms`: `reason` is shown
    Parked      // its node is gone though it is not final: an operator decides
  };
  How how = How::Freed;
  std::string reason;
  FlowId flow;
  std::size_t atoms = 0;
};

/// HeldJob is one lock of ours, from its making to its end (PROTOCOL.md I2, I22, I24): epoch into the store,
/// then by its verdict remove, trash, free, or run the flow; at the flow's end job and lock are removed and
/// that is recorded.
/// Life: made with the claim; start() once; says ended() once, then it is inert. Destroyed earlier (session
/// lost), it deletes nothing: the lock is no longer ours.
class HeldJob final : public FlowHost::Owner {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual void job_ended(const std::string& path, const JobEnding&) = 0;
    /// Its flow will be at work in it: another of ours that still has that flow lets go.
    virtual void makes_way_for(const HeldJob&) = 0;
    /// Why a flow of so many atoms may not be held now, beside the others; empty: it may. `counted`: its own
    /// share of what is held.
    virtual std::string no_room_for(std::size_t atoms, std::size_t counted) const = 0;
    /// Why nobody is to be at work on this job for now: conductors died at it (PROTOCOL.md H22); nullopt:
    /// none too many.
    virtual std::optional<std::string> poison(const Posting&) const = 0;
    /// A node of this job, with this content and run, is there.
    virtual bool stands_on_board(const Posting&, const std::string& path) const = 0;
  };

  /// `count`: what is known of its atoms, already counted.
  HeldJob(ports::BoardClaim, ports::BoardJob, std::shared_ptr<AtomCount> count, JobServices, HeldJob::Owner&);
  ~HeldJob() override;

  void start();
  /// Stops at once (no step, no send), and frees the lock `later`.
  void free(JobEnding::How, std::string reason, Millis later = Millis{0});
  /// Frees it after the commit that is under way.
  void drain();
  /// The board says that the node is gone, or that our lock is.
  void node_gone();
  void lock_gone();
  /// A later claim of our own has the flow: its next run, while how ours has ended was not heard.
  void superseded();

  const Posting& posting() const { return job_.posting; }
  bool works_on(const FlowId& flow) const { return host_ && flow_ == flow; }
  const FlowId& flow() const { return flow_; }
  LiveFlow show(bool lists) const;

 private:
  enum class Phase { Claiming, Working, Removing, Freeing, Ended };

  void flow_ended(FlowState) override;
  void flow_fenced(const std::string& why) override;
  void flow_stuck(const std::string& reason) override;

  void ask_store();
  ports::ClaimRequest request() const;
  HookSubject subject() const;
  void duplicate_of(const std::string& recorded_path);
  void claimed(Result<ports::ClaimOutcome, ports::StoreError>);
  void own(const ports::ClaimOutcome&);
  void poisoned(const std::string& why);
  void run(engine::PlanPtr, engine::Options, std::size_t atoms);
  void no_plan(const NoPlan&);
  void refuse(const Failure&);
  void park();
  void no_room(std::size_t atoms, std::string why);
  void trash_other_content();
  void remove(JobEnding::How);
  void removed();
  void abandon();
  void drop_host();
  void stop_host();
  void end(JobEnding);
  /// Board operations are repeated while the server is away; the session's loss ends us from outside.
  void until_done(std::function<void(ports::JobBoard::Done<void>)> operation,
                  ports::JobBoard::Done<void> then);
  /// The store did not do what the claim needs: free it, to be tried soon (away) or later (refused).
  void store_failed(const ports::StoreError&);

  const ports::BoardClaim claim_;
  const ports::BoardJob job_;
  const std::shared_ptr<AtomCount> count_;
  JobServices with_;
  HeldJob::Owner& owner_;
  Phase phase_ = Phase::Claiming;
  FlowId flow_;
  Epoch epoch_;
  std::uint32_t run_ = 1;
  std::shared_ptr<FlowHost> host_;
  JobEnding ending_;
  std::string take_over_path_;
  std::uint32_t mark_tries_ = 0;
  bool node_gone_ = false;
  bool asked_ = false;  // something of its flow, before that was begun
  Alive alive_;
};

}  // namespace baton::conductor
