#include "common/runtime/timer_queue.h"

namespace baton::runtime {

ports::TimerId TimerQueue::add(Micros deadline, std::function<void()> then) {
  const ports::TimerId id = ++last_id_;
  by_deadline_.emplace(Key{deadline, id}, std::move(then));
  deadlines_.emplace(id, deadline);
  return id;
}

void TimerQueue::remove(ports::TimerId id) {
  const auto found = deadlines_.find(id);
  if (found == deadlines_.end()) return;
  by_deadline_.erase(Key{found->second, id});
  deadlines_.erase(found);
}

std::optional<Micros> TimerQueue::earliest() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first.first;
}

void TimerQueue::fire(Micros now) {
  const ports::TimerId newest = last_id_;
  auto next = by_deadline_.begin();
  while (next != by_deadline_.end() && next->first.first <= now) {
    if (next->first.second > newest) {
      ++next;  // added by one that was just called
      continue;
    }
    const auto due = by_deadline_.extract(next);
    deadlines_.erase(due.key().second);
    due.mapped()();
    next = by_deadline_.begin();  // the call may have removed any of them
  }
}

}  // namespace baton::runtime
