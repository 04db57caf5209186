#pragma once

#include "common/memory/event_loop.h"
#include "tests/simulation/evidence.h"
#include "tests/simulation/trace.h"

namespace baton::simulation {

/// The database, and what it granted and accepted, in its own order.
class WatchedDatabase final : public memory::FlowDatabase {
 public:
  WatchedDatabase(memory::EventLoop& loop, Evidence& evidence, Trace& trace, const std::string& speaker)
      : loop_(&loop), evidence_(&evidence), trace_(&trace), speaker_(&speaker) {}

  Outcome<ports::ClaimOutcome> claim(const ports::ClaimRequest&, TimePoint now) override;
  Outcome<void> mark_board(const std::string& board_id, std::int32_t version) override;
  Outcome<void> append(const ports::StepWrite&, TimePoint now) override;
  Outcome<void> mark_removed(const JobId&, std::uint32_t run, TimePoint now) override;
  Outcome<void> record_refused(const ports::ClaimRequest&, const ports::Refusal&, TimePoint now) override;

  Outcome<ports::OrderOutcome> order(const ports::OrderRequest&, TimePoint now) override;

  /// Was this delivery recorded to be at that worker?
  bool recorded(const wire::DeliveryId&, const Incarnation& worker) const;
  /// Ended jobs whose node's removal is not noted.
  std::vector<JobId> unnoted() const;
  FlowState state_of(const JobId&, std::uint32_t run) const;
  bool knows(const JobId&, std::uint32_t run) const;
  /// How often the board's identity was said to have been written.
  std::int32_t marked() const { return marked_; }

  /// What it holds at a moment.
  struct Past {
    memory::FlowDatabase tables;
    std::size_t steps = 0, orders = 0;  // accepted, recorded
  };
  std::shared_ptr<const Past> past() const;
  /// A standby is promoted that has heard of nothing since (PROTOCOL.md H17).
  void forget_since(const Past&);
  /// Of what was forgotten: a delivery; how one has ended; the end of a run.
  bool forgot(const wire::DeliveryId& delivery) const { return forgotten_.contains(delivery); }
  bool forgot_outcome(const wire::DeliveryId& delivery) const {
    return forgotten_outcomes_.contains(delivery);
  }
  bool forgot_end(const JobId& job, std::uint32_t run) const { return forgotten_ends_.contains({job, run}); }

 private:
  void accept(const ports::StepWrite&);
  void keep(const JobId&, FlowId, Epoch, std::uint32_t run, std::vector<Fact>,
            std::optional<FlowState> refused, std::vector<ports::TakenOrder>);
  void forget(const AcceptedStep&);
  void describe(const AcceptedStep&) const;

  struct Known {
    JobId job;
    std::uint32_t run = 1;
  };
  memory::EventLoop* loop_;
  Evidence* evidence_;
  Trace* trace_;
  const std::string* speaker_;
  std::map<FlowId, Known> flows_;
  std::set<std::pair<wire::DeliveryId, Incarnation>> deliveries_;
  std::int32_t marked_ = 0;
  std::set<wire::DeliveryId> forgotten_, forgotten_outcomes_;
  std::set<std::pair<JobId, std::uint32_t>> forgotten_ends_;
};

}  // namespace baton::simulation
