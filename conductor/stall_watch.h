#pragma once

#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/hook_desk.h"

namespace baton::conductor {

/// StallWatch looks for runs of which nothing has been recorded for as long as a hook says, and records that
/// they are to be told. It asks the store, not the flows at work here: a job whose conductor hangs, or that
/// nobody claims, has stalled too. Of jobs that are only on the board it is the board that says how long they
/// have stood there.
/// Every conductor with such a hook looks; a stall is recorded once, whoever saw it. Life: start() once.
class StallWatch {
 public:
  using EachOnBoard = std::function<void(const std::function<void(const ports::BoardJob&)>&)>;
  StallWatch(ports::HookStore&, ports::Clock&, const Bounds&, HookDesk&, EachOnBoard);

  void start() { look_later(pause_); }
  void stop() { alive_.renew(); }

 private:
  void look_later(Millis pause);
  void read_page();
  void judge(const ports::StalledPage&);
  void judge_board();
  void add(const HookSubject&, FlowState, std::uint32_t run, std::optional<FlowId>, std::uint64_t occasion,
           TimePoint since, Millis age);
  void record(std::function<void()> then);
  void end_round();

  ports::HookStore& store_;
  ports::Clock& clock_;
  const Bounds& bounds_;
  HookDesk& desk_;
  const EachOnBoard each_on_board_;
  const Millis shortest_, pause_;
  std::uint64_t after_ = 0;
  using Stall = std::tuple<JobId, std::uint32_t, std::uint64_t, std::string>;  // … and the hook
  std::set<Stall> seen_, seen_before_;  // in this round, in the last: recorded already
  std::vector<ports::NewStall> new_;
  Alive alive_;
};

}  // namespace baton::conductor
