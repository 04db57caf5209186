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
                                 server = which_server_ - (severed_ ? 1 : 0), arrives = std::move(arrives)] {
    self->arrive(connection, server, arrives);
  });
  step(Moment::Sent);
}

void Wire::arrive(std::uint64_t connection, std::uint64_t server, const std::function<void()>& arrives) {
  if (is_lost(connection)) {
    if (when_cut_ == WhenCut::Hold && alive()) held_up_.push_back(arrives);
    if (when_cut_ == WhenCut::LoseOrLate && dice_.one_in(kLateOneIn))
      loop_.after(dice_.millis(1, kLateMaxMs),
                  [self = shared_from_this(), server, arrives] { self->deliver(server, arrives); });
    return;
  }
  deliver(server, arrives);
  step(Moment::Done);
}

void Wire::deliver(std::uint64_t server, const std::function<void()>& arrives) {
  if (server != which_server_) return;
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

void Wire::sever() {
  severed_ = true;
  ++which_server_;
  break_off();
}

void Wire::mend() {
  if (!std::exchange(cut_, false)) return;
  for (auto& word : std::exchange(held_up_, {}))
    loop_.after(travel(last_up_),
                [self = shared_from_this(), word] { self->arrive(0, self->which_server_, word); });
  for (auto& word : std::exchange(held_down_, {}))
    loop_.after(travel(last_down_), [self = shared_from_this(), word] { self->hear(0, word); });
}

}  // namespace baton::simulation
