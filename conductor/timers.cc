#include "conductor/timers.h"

namespace baton::conductor {

Timers::Id Timers::after(Millis delay, std::function<void()> then) {
  const Id id = ++last_;
  const auto clock_timer = clock_.after(delay, alive_.guard([this, id] { fired(id); }));
  timers_.emplace(id, Timer{clock_timer, clock_.steady() + delay, std::move(then)});
  return id;
}

void Timers::cancel(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  clock_.cancel(found->second.clock_timer);
  timers_.erase(found);
}

void Timers::fired(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  if (clock_.steady() - found->second.due < stall_) return run(id);
  // An inbox that cannot be read now says nothing either way: the timer is believed then, as always.
  bus_.catch_up(alive_.guard([this, id](const Result<void, ports::BusError>&) { run(id); }));
}

void Timers::run(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;  // cancelled by what the inbox said
  const auto then = std::move(found->second.then);
  timers_.erase(found);
  then();
}

}  // namespace baton::conductor
