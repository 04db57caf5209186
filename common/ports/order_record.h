#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "common/model/order.h"
#include "common/model/states.h"
#include "common/model/time.h"

/// Orders as a FlowStore has them (PROTOCOL.md I21): recorded, then acknowledged, then taken by a step of the
/// flow, by whoever owns it then.
namespace baton::ports {

/// An order of a job, as it is on record.
struct OrderRecord {
  std::uint64_t id = 0;  // grows from one order of a job to the next
  JobId job;
  std::uint32_t run = 1;
  Order order;
  TimePoint ordered_at{};
  std::optional<TimePoint> taken_at;  // by a step of the flow; none: open
  std::string no_effect;              // why nothing followed from it
};
struct OrderRequest {
  JobId job;
  Order order;
  std::uint32_t run_on_board = 0;  // of a node of the job that stands there; 0: not looked for, or none
  std::uint32_t last_run = 0;      // what who asks takes for the last one; 0: whichever it is
  bool dry_run = false;            // judged as ever, but not recorded: a record that it would be has no id
};
enum class OrderVerdict {
  Recorded,    // it survives; whoever owns the flow then carries it out
  UnknownJob,  // not recorded, and not said to be on the board
  Ended,       // this run of it has ended
  AtWork,      // … has not, and the order would begin another one
  OtherRun,    // another one is the last
  RunAsked,    // another order has begun a run that nobody has claimed yet
  TooMany      // kOrdersOpenMax are open
};
struct OrderOutcome {
  OrderVerdict verdict = OrderVerdict::UnknownJob;
  OrderRecord record;                    // of Recorded; of RunAsked: that order
  FlowState state = FlowState::Pending;  // of the job's last run, if it is known
  std::uint32_t run = 0;                 // … 0: it is not
};
struct OrderPage {
  std::vector<OrderRecord> orders;  // newest first
  bool more = false;
};
struct FlowOrder {
  FlowId flow;
  OrderRecord record;
};
inline constexpr std::size_t kFlowsAskedMax = 1000;

/// That a step has taken an order.
struct TakenOrder {
  OrderRecord record;
  std::string no_effect;  // empty: it is carried out
};
/// … and as the history has it.
struct HistoryOrder {
  std::uint64_t id = 0;
  Order order;
  std::string no_effect;
};

}  // namespace baton::ports
