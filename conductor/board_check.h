#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/entropy.h"
#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "common/runtime/rate_limit.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/inspection.h"

namespace baton::conductor {

/// BoardCheck finds out, before anything is claimed in a board session and again after each break of the
/// link, which generation the board is of (PROTOCOL.md I1, H12, H13, H17):
///  1. the board's id is read, with the generation that is noted beside it;
///  2. the store says the id's generation, how high the board had counted, and how often the id was written;
///  3. the id is read again: written less often, the board went back to a backup;
///  4. the board gives out a number now: no higher, it went back, too, and numbers that were claims' come
///     again. A board that went back is given another id, and all begins anew;
///  5. the id is written again, with its generation: a store that forgets it later must not give it out
///     again; and a board that goes back later will have been written less often than …
///  6. … the store is told now.
/// A step that fails, or whose answer is too old, is no harm: it begins anew after a pause, until stop().
/// Why 3 and 4 come behind 2: what the store had heard of before must be lower than what is there after.
class BoardCheck {
 public:
  struct Board {
    std::uint32_t generation = 0;
    std::vector<std::string> folders;  // of its jobs
  };
  BoardCheck(ports::JobBoard&, ports::FlowStore&, ports::Clock&, ports::Entropy&, const Bounds&, Counters&);

  /// `known` once, unless it was stopped before; or `refused` once, where the board is not as we were told.
  /// While one is under way another is not begun.
  void begin(std::function<void(const Board&)> known, std::function<void(const std::string& why)> refused);
  void stop();

 private:
  void read();
  void meet(const ports::BoardIdentity&);
  void look_again(const ports::BoardIdentity& before, const ports::BoardStanding&);
  void measure(const ports::BoardIdentity&, const ports::BoardStanding&);
  void went_back(ports::BoardIdentity, const ports::BoardStanding&, std::int64_t height);
  void write(ports::BoardIdentity, std::uint32_t generation);
  void mark(const ports::BoardIdentity&);
  void end(const ports::BoardIdentity&);
  void not_read(const ports::BoardError&);
  void again(const std::string& why);

  ports::JobBoard& board_;
  ports::FlowStore& store_;
  ports::Clock& clock_;
  ports::Entropy& entropy_;
  const Bounds& bounds_;
  Counters& counters_;
  std::function<void(const Board&)> known_;  // empty: not under way
  std::function<void(const std::string&)> refused_;
  runtime::RateLimit troubles_{Millis{10'000}};
  Alive alive_;
};

}  // namespace baton::conductor
