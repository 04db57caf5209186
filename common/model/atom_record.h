#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/model/failure.h"
#include "common/model/ids.h"
#include "common/model/rare.h"
#include "common/model/states.h"
#include "common/model/time.h"

namespace baton {

/// One execution of a retry: what it provided, and the failures that it was told of, by atom. Copies share
/// these: each attempt takes the history of all before it over.
struct RetryEntry {
  Value value;
  RareList<std::pair<std::string, Failure>> failures;  // by atom name, one an atom
  std::optional<TimePoint> first_failure_at;
  RareList<std::pair<std::string, RetryAnswer>>
      answers;  // to each of these failures, as long as there is room
};
using RetryHistory = std::vector<RetryEntry>;

/// As stored: [{"value": …, "failures": {"atom": {…}}, "first_failure_at": micros,
/// "answers": {"atom": "RETRY"}}, …]
Value to_value(const RetryHistory&);
RetryHistory retry_history_from(const Value&);

/// In place of a deadline that was missed: long over, wherever the database's clock stands. The delivery was
/// asked to end because of it, and whoever owns the flow next asks again.
inline constexpr TimePoint kOver{};

/// The delivery that an atom in RUNNING or REVERTING has out. Retries have none.
struct Delivery {
  Incarnation worker;
  std::string worker_name;       // for people; the incarnation is the identity
  std::uint32_t deliveries = 0;  // lost or silent workers of this attempt so far, this one included
  std::optional<TimePoint> start_deadline;  // schedule_to_start, database time
  std::optional<TimePoint> close_deadline;  // start_to_close, database time; set when the start is known
};

/// What is remembered of one atom: one row. A conductor restores a flow from its plan, these and the range
/// facts.
struct AtomRecord {
  AtomState state = AtomState::Pending;
  Intention intention = Intention::Execute;
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  Rare<Delivery> delivery;  // in RUNNING and REVERTING only
  Value result;             // a task's last result; of a retry unused
  Rare<Failure> failure;    // of the last execution
  Value revert_result;
  Rare<Failure> revert_failure;
  Rare<RetryHistory> history;  // a retry's; none: empty
  std::uint64_t seq = 0;  // of the last fact folded into this row; range facts with a higher one apply on top
};

}  // namespace baton
