#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "common/model/limits.h"
#include "common/postgres/work.h"

namespace baton::postgres {

inline constexpr std::size_t kWorksPerCommitMax = 200;  // beyond it only latency grows (hops.md, section 2)
inline constexpr std::size_t kBytesPerCommitMax = 8 * kMiB;
inline constexpr std::size_t kQueuedMax = 100'000;          // at either bound work is refused
inline constexpr std::size_t kQueuedBytesMax = 512 * kMiB;  // held in memory: a load holds next to nothing

/// Works that wait for a transaction, in the order of asking.
class WorkQueue {
 public:
  using Works = std::vector<Work>;

  bool full() const { return queue_.size() >= kQueuedMax || bytes_ >= kQueuedBytesMax; }
  bool empty() const { return queue_.empty(); }
  void push(Work);

  /// Something is there that does not wait for company.
  bool is_due() const { return removals_due_ > 0 || removals_ < queue_.size(); }
  /// Every removal that is there now has waited long enough.
  void removals_are_due() { removals_due_ = removals_; }

  /// What may share the next transaction: no two works with one key, at most so many, and at most
  /// kBytesPerCommitMax (a larger one is alone).
  Works take(std::size_t works_max);
  Works take_all();

 private:
  void count_out(const Work&);

  std::deque<Work> queue_;
  std::size_t bytes_ = 0;                        // held by them
  std::size_t removals_ = 0, removals_due_ = 0;  // the due ones are the older ones
};

}  // namespace baton::postgres
