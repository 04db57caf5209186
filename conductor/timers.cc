#include "conductor/timers.h"

#include "common/runtime/log.h"

namespace baton::conductor {

Timers::Id Timers::after(Millis delay, std::function<void()> then) {
  const Id id = ++last_;
  const auto clock_timer = clock_.after(delay, alive_.guard([this, id] { fired(id); }));
  timers_.emplace(id, Timer{clock_timer, clock_.steady() + delay, std::move(then)});
  if (look_ == 0) look_later();
  return id;
}

void Timers::cancel(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  clock_.cancel(found->second.clock_timer);
  timers_.erase(found);
}

void Timers::close() {
  for (const auto& [id, timer] : timers_) clock_.cancel(timer.clock_timer);
  clock_.cancel(std::exchange(look_, 0));
  timers_.clear();
  alive_.renew();
}

void Timers::look_later() {
  look_due_ = clock_.steady() + stall_ / 2;
  look_ = clock_.after(stall_ / 2, alive_.guard([this] { looked(); }));
}

void Timers::looked() {
  check(look_due_);
  look_ = 0;
  if (!timers_.empty()) look_later();
  if (!reading_) return;
  read_for_ += stall_ / 2;
  if (read_for_ < reading_max_) return;
  runtime::Log().warning("after a stop, the inbox could not be read to its end: the timers are believed",
                         {{"read_for_ms", read_for_.count()}});
  believe_timers();
}

void Timers::fired(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  check(found->second.due);
  if (look_ != 0) check(look_due_);
  if (reading_) return held_back_.push_back(id);
  run(id);
}

/// One reading for one stop, however many come late by it; another stop meanwhile needs another.
void Timers::check(Micros due) {
  if (clock_.steady() - due < stall_) return;
  if (!reading_) {
    read_for_ = Millis{0};
    return read_inbox();
  }
  if (due >= reading_since_) read_again_ = true;
}

void Timers::read_inbox() {
  reading_ = true;
  reading_since_ = clock_.steady();
  // An inbox that cannot be read now says nothing either way: the timers are believed then, as always.
  bus_.catch_up(alive_.guard([this, reading = ++readings_](const Result<void, ports::BusError>&) {
    if (reading_ && reading == readings_) inbox_read();
  }));
}

void Timers::inbox_read() {
  if (std::exchange(read_again_, false)) return read_inbox();
  believe_timers();
}

void Timers::believe_timers() {
  reading_ = read_again_ = false;
  for (const Id id : std::exchange(held_back_, {})) run(id);
}

void Timers::run(Id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;  // cancelled by what the inbox said
  const auto then = std::move(found->second.then);
  timers_.erase(found);
  then();
}

}  // namespace baton::conductor
