#pragma once

#include "common/memory/event_loop.h"

namespace baton::conductor::testing {

/// The loop's clock. Between two looks at a real one time goes on, also within a task: `a_look` of it here.
class MovingClock final : public ports::Clock {
 public:
  explicit MovingClock(memory::EventLoop& loop) : loop_(loop) {}

  TimePoint wall() const override { return loop_.wall() + looked() + wall_off; }
  Micros steady() const override { return loop_.steady() + looked(); }
  ports::TimerId after(Millis delay, std::function<void()> then) override {
    return loop_.after(delay, std::move(then));
  }
  void cancel(ports::TimerId id) override { loop_.cancel(id); }

  Micros a_look{0};
  Micros wall_off{0};  // from the database's time

 private:
  Micros looked() const { return ahead_ += a_look; }

  memory::EventLoop& loop_;
  mutable Micros ahead_{0};
};

}  // namespace baton::conductor::testing
