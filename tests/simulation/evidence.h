#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/memory/flow_database.h"
#include "common/wire/messages.h"
#include "engine/plan.h"

namespace baton::simulation {

/// A claim that the database granted.
struct GrantedClaim {
  std::uint64_t number = 0;  // claims and steps are counted together, in the order of the database
  Micros at{0};
  std::string by;  // the process that spoke
  JobId job;
  FlowId flow;
  Epoch epoch;
  std::uint32_t run = 1;
};

/// A step that the database accepted.
struct AcceptedStep {
  std::uint64_t number = 0;
  Micros at{0};
  std::string by;
  JobId job;
  FlowId flow;
  Epoch epoch;
  std::uint32_t run = 1;
  std::vector<Fact> facts;
  std::optional<FlowState> refused;  // the end of a job that never became a flow
  std::vector<ports::TakenOrder> orders = {};
};

/// Task code that was started at a worker.
struct Execution {
  Micros began{0};
  std::string by;      // the worker's process
  Incarnation worker;  // what it calls itself
  std::string job;
  wire::DeliveryId delivery;  // with the dispatch that the code was shown
  Value arguments;
  bool was_recorded = false;   // that delivery to that worker, when it began
  Millis session_over_for{0};  // how long its worker was nobody for the server then
  std::optional<Micros> ended;
  std::variant<std::monostate, Value, Failure> outcome;
};

/// A job's node that left the board by its holder's hand.
struct Consumed {
  Micros at{0};
  JobId job;
  std::uint32_t run = 1;
  std::string by;
  bool was_final = false;  // recorded, then
  bool duplicate = false;  // another node stood for the job
  std::string path = {};
};

/// Of a job's run it was noted that its node has left the board.
struct NotedRemoval {
  Micros at{0};
  JobId job;
  std::uint32_t run = 1;
  std::string path;  // of the recorded node
  std::string by;
};

/// A process removed another's lock, or a job beside it.
struct ForeignHand {
  std::string by, owner, path;
};

/// How much was kept at most, of what has a bound.
struct Level {
  std::uint64_t most = 0, bound = 0;
  std::uint64_t left = 0;  // at the end, when there is nothing to do
};

/// What somebody asked of a job, as the database recorded it; and as it was acknowledged to whom asked.
struct RecordedOrder {
  Micros at{0};
  ports::OrderRecord record;
  std::optional<Micros> forgotten_at = {};  // with the last commits
};
struct AcknowledgedOrder {
  Micros at{0};
  JobId job;
  std::uint64_t id = 0;
};

/// Everything that the checkers look at, as it happened: seen at the servers and in the tasks' code, not told
/// by the conductors and workers themselves.
struct Evidence {
  std::vector<GrantedClaim> claims;
  std::vector<AcceptedStep> steps;
  /// Accepted once, by a database that has lost its last commits since; not among the steps.
  std::vector<AcceptedStep> forgotten;
  std::vector<std::uint64_t> losses;  // when, in the order of the database: it was another from then on
  std::vector<Execution> executions;
  std::vector<Consumed> consumed;
  std::vector<NotedRemoval> noted;
  std::vector<ForeignHand> foreign_hands;
  std::vector<RecordedOrder> orders;
  std::vector<AcknowledgedOrder> acknowledged;
  std::map<Incarnation, Micros> left;   // workers that were told to stop, and ended in order
  std::map<std::string, Level> levels;  // by what it is
  std::vector<std::string> waits;       // who did not come to rest, and what for
  std::map<Incarnation, std::vector<Micros>> adverts_gone, adverts_back;  // the worker was not there between
  std::map<std::string, Micros> died;                                     // processes
  bool cloud_was_away = false;                                            // for some task that gave up
  std::map<FlowId, engine::PlanPtr> plans;
  std::uint64_t last_number = 0;

  /// It was not listed at some moment between the two.
  bool was_gone(const Incarnation& worker, Micros since, Micros until) const;
};

}  // namespace baton::simulation
