#include "common/postgres/work_queue.h"

#include <iterator>
#include <set>
#include <string>
#include <utility>

namespace baton::postgres {

void WorkQueue::push(Work work) {
  bytes_ += bytes_held_by(work);
  removals_ += std::holds_alternative<RemovedWork>(work);
  queue_.push_back(std::move(work));
}

void WorkQueue::count_out(const Work& work) {
  bytes_ -= bytes_held_by(work);
  if (!std::holds_alternative<RemovedWork>(work)) return;
  --removals_;
  if (removals_due_ > 0) --removals_due_;
}

WorkQueue::Works WorkQueue::take(std::size_t works_max) {
  Works taken, left;
  std::set<std::string> keys;
  std::size_t bytes = 0;
  while (!queue_.empty() && taken.size() < works_max) {
    const std::size_t more = bytes_of(queue_.front());
    if (!taken.empty() && bytes + more > kBytesPerCommitMax) break;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    if (!keys.insert(key_of(work)).second) {
      left.push_back(std::move(work));
      continue;
    }
    bytes += more;
    count_out(work);
    taken.push_back(std::move(work));
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
  return taken;
}

WorkQueue::Works WorkQueue::take_all() {
  Works all(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
  *this = {};
  return all;
}

}  // namespace baton::postgres
