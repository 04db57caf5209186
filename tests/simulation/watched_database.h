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
  Outcome<void> append(const ports::StepWrite&, TimePoint now) override;
  Outcome<void> record_refused(const ports::ClaimRequest&, FlowState, const Failure&, TimePoint now) override;

  /// Was this delivery recorded to be at that worker?
  bool recorded(const wire::DeliveryId&, const Incarnation& worker) const;
  FlowState state_of(const JobId&, std::uint32_t run) const;

 private:
  void accept(const ports::StepWrite&);
  void keep(const JobId&, FlowId, Epoch, std::uint32_t run, std::vector<Fact>,
            std::optional<FlowState> refused);
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
};

}  // namespace baton::simulation
