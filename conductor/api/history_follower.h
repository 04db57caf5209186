#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conductor/api/backend.h"
#include "conductor/api/limits.h"

namespace baton::api {

/// Follows the history of one job, or of all, as the store has it: so any conductor serves any job, and an
/// event has the same id everywhere. The conductor's own steps wake it (EventFeed), a job's end at once,
/// others at follow_pace; what others wrote is found by looking every follow_tick, only while somebody
/// follows. Bound: it reads only when it is asked for more, so a slow reader costs no memory. Life: shared;
/// stop() ends it, also while a read is under way.
class HistoryFollower : public std::enable_shared_from_this<HistoryFollower> {
 public:
  struct Batch {
    std::vector<ports::EventRow> rows;  // empty: nothing happened for a heartbeat, or `trouble`
    std::string trouble;                // the store did not answer; it is asked again
  };
  using Next = std::function<void(Batch)>;

  HistoryFollower(const Backend&, const Limits&, std::optional<JobId>, std::uint64_t after_id);

  /// Calls once, never inline: when there are rows, or when the heartbeat is due. One at a time.
  void next(Next);
  void stop();

 private:
  void wake(bool at_once);
  void read();
  void read_when_due();
  void on_rows(std::vector<ports::EventRow>, bool more);
  void on_trouble(const ports::StoreError&);
  void deliver(Batch);
  void look_again_after(Millis);
  /// How many of the rows may be shown: a missing id is waited for as long as its follower is young.
  std::size_t without_gap(const std::vector<ports::EventRow>&) const;

  const Backend backend_;
  const Limits limits_;
  const std::optional<JobId> job_;
  std::uint64_t after_;
  std::optional<conductor::EventFeed::Subscription> subscription_;
  std::optional<ports::TimerId> tick_, heartbeat_;
  Next next_;
  std::string trouble_;
  Micros read_at_;      // steady: when the last read began
  bool paced_ = false;  // tick_ waits for the next read to be due
  bool dirty_ = true;   // there may be rows that were not read
  bool reading_ = false;
  bool stopped_ = false;
};

}  // namespace baton::api
