#include "tests/simulation/wire.h"

#include <algorithm>

namespace baton::simulation {
namespace {

constexpr std::uint64_t kLateOneIn = 3;
constexpr std::uint64_t kLateMaxMs = 3'000;

}  // namespace

Millis Wire::travel(Micros& last) {
  const Micros now = loop_.steady();
  last = std::max(last, now + dice_.millis(0, static_cast<std::uint64_t>(slowest_.count())));
  return std::chrono::duration_cast<Millis>(last - now);
}

void Wire::step(Moment moment) {
  if (process_) process_->step({server_, moment});
}

void Wire::to_server(std::function<void()> arrives) {
  if (!alive()) return;
  step(Moment::Before);
  if (!alive()) return;
  loop_.after(travel(last_up_), [self = shared_from_this(), connection = connection_,
                                 arrives = std::move(arrives)] { self->arrive(connection, arrives); });
  step(Moment::Sent);
}

void Wire::arrive(std::uint64_t connection, const std::function<void()>& arrives) {
  if (is_lost(connection)) {
    if (when_cut_ == WhenCut::Hold && alive()) held_up_.push_back(arrives);
    if (when_cut_ == WhenCut::LoseOrLate && dice_.one_in(kLateOneIn))
      loop_.after(dice_.millis(1, kLateMaxMs),
                  [self = shared_from_this(), arrives] { self->deliver(arrives); });
    return;
  }
  deliver(arrives);
  step(Moment::Done);
}

void Wire::deliver(const std::function<void()>& arrives) {
  speaking_(speaker_);
  arrives();
  speaking_({});
}

void Wire::to_client(std::function<void()> arrives) {
  loop_.after(travel(last_down_), [self = shared_from_this(), connection = connection_,
                                   arrives = std::move(arrives)] { self->hear(connection, arrives); });
}

void Wire::hear(std::uint64_t connection, std::function<void()> arrives) {
  if (!alive()) return;
  if (is_lost(connection)) {
    if (when_cut_ == WhenCut::Hold) held_down_.push_back(std::move(arrives));
    return;
  }
  process_->post([self = shared_from_this(), arrives = std::move(arrives)] {
    arrives();
    self->step(Moment::Heard);
  });
}

void Wire::cut() {
  cut_ = true;
  if (when_cut_ != WhenCut::Hold) break_off();
}

void Wire::mend() {
  if (!std::exchange(cut_, false)) return;
  for (auto& word : std::exchange(held_up_, {}))
    loop_.after(travel(last_up_), [self = shared_from_this(), word] { self->arrive(0, word); });
  for (auto& word : std::exchange(held_down_, {}))
    loop_.after(travel(last_down_), [self = shared_from_this(), word] { self->hear(0, word); });
}

}  // namespace baton::simulation
