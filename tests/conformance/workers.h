#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "engine/event.h"

namespace baton::conformance {

/// One call that was sent to a worker; what it will say is known from its script.
struct Call {
  engine::AtomFinished answer;
  double slow_seconds = 0;
};

/// Runs the calls of a case and hands back the answers, in some legal order.
class Workers {
 public:
  virtual ~Workers() = default;
  virtual void begin(Call) = 0;
  /// At least one answer; only called when a call is out.
  virtual std::vector<engine::Event> await() = 0;
  /// A crash: what is out is lost.
  virtual void forget() = 0;
  virtual std::size_t out() const = 0;
  virtual std::size_t threads() const = 0;
  /// Of the processes that have run calls; in the order of their beginning.
  virtual std::vector<pid_t> pids() const { return {}; }
};

/// No threads: quick calls end before slow ones, else in an order and in groups that follow the seed.
std::unique_ptr<Workers> serial_workers(std::uint64_t seed);
/// A thread for each call that is out; they end as the scheduler and random pauses have it.
std::unique_ptr<Workers> thread_workers(std::uint64_t seed);
/// Local mode's process slots, kept from one case to the next; a crash kills those that run a call.
std::unique_ptr<Workers> process_workers(std::uint64_t seed);

}  // namespace baton::conformance
