#include "tests/simulation/weather.h"

#include <algorithm>

#include "tests/simulation/words.h"

namespace baton::simulation {
namespace {

constexpr std::uint64_t kLosses = 20, kDrains = 21;  // streams of chance

}  // namespace

Weather::Weather(Cluster& cluster, Coverage& coverage)
    : cluster_(cluster),
      world_(cluster.world()),
      coverage_(coverage),
      dice_(world_.seed, Chance::Faults),
      outages_(world_.seed, Chance::Later),
      losses_(world_.seed, Chance::Later, kLosses),
      drains_(world_.seed, Chance::Later, kDrains),
      kinds_(pick_kinds()),
      gap_(dice_.millis(100, 1'500)) {
  cluster_.on_start([this](Cluster::Seat& seat) {
    const Micros left = board_down_until_ - world_.loop.steady();
    if (left > Micros{0}) cut(seat, Server::Board, std::chrono::ceil<Millis>(left));
  });
  cluster_.on_step([this](Cluster::Seat& seat, Step step) { stepped(seat, step); });
}

/// Few kinds at once, so that rare ones are not drowned by the usual ones.
std::vector<Weather::Kind> Weather::pick_kinds() {
  static const std::vector<Kind> kAll{
      &Weather::crash,       &Weather::crash_at_a_step, &Weather::crash_at_a_step, &Weather::stop,
      &Weather::stop,        &Weather::expire,          &Weather::slow_worker,     &Weather::restart_all,
      &Weather::jump_clock,  &Weather::cut_one,         &Weather::cut_one,         &Weather::cut_all,
      &Weather::break_store, &Weather::break_store,     &Weather::store_outage,    &Weather::board_outage,
      &Weather::bus_outage,  &Weather::slow_network};
  std::vector<Kind> kinds;
  for (std::uint64_t i = dice_.below(6); i > 0; --i) kinds.push_back(dice_.of(kAll));
  return kinds;
}

void Weather::begin(Faults faults) {
  over_ = faults == Faults::None;
  set_messages();
  if (!over_ && !kinds_.empty()) next();
  if (over_) return;
  plan_losses();
  plan_drains();
}

void Weather::next() {
  const auto most = static_cast<std::uint64_t>(2 * gap_.count());
  world_.loop.after(dice_.millis(1, most), [this] {
    if (over_) return;
    strike();
    next();
  });
}

void Weather::strike() {
  (this->*dice_.of(kinds_))();
}

// ---- messages

void Weather::set_messages() {
  if (dice_.one_in(2)) lost_ = dice_.between(1, 120);
  if (dice_.one_in(2)) twice_ = dice_.between(1, 120);
  if (dice_.one_in(2)) late_ = dice_.between(1, 400);
  latest_ = dice_.millis(5, 1'500);
  world_.broker.set_fates(
      [this](const ports::InboxAddress&, std::string_view bytes) { return fate_of(bytes); });
}

memory::MemoryBroker::Fate Weather::fate_of(std::string_view bytes) {
  memory::MemoryBroker::Fate fate;
  std::string what;
  const auto falls = [this](std::uint64_t of_a_thousand) {
    return of_a_thousand > 0 && !over_ && dice_.below(1'000) < of_a_thousand;
  };
  if (falls(lost_)) fate.copies = 0, what = "lost";
  if (what.empty() && falls(twice_)) fate.copies = 2, what = "doubled";
  if (fate.copies > 0 && falls(late_)) {
    fate.delay = dice_.millis(1, static_cast<std::uint64_t>(latest_.count()));
    what += what.empty() ? "late" : " and late";
  }
  if (what.empty() && !world_.trace.wanted()) return fate;
  const auto message = wire::decode(bytes);
  BATON_ASSERT(message.ok());
  if (!what.empty()) coverage_.met("message " + what, kind_of(*message));
  if (world_.trace.wanted())
    world_.say(words(*message, world_.trace) + (what.empty() ? "" : " (" + what + ")"));
  return fate;
}

// ---- whom

Cluster::Seat* Weather::living_seat() {
  Cluster::Seat& seat = any_seat();
  return seat.node && seat.node->alive() ? &seat : nullptr;
}

void Weather::met(const std::string& fault, const Node& node) {
  world_.say("FAULT " + fault + " meets " + node.name() + ", " + node.doing());
  coverage_.met(fault, node.doing());
}

void Weather::later(Cluster::Seat& seat, Millis delay, std::function<void(Node&)> then) {
  world_.loop.after(delay, [&seat, life = seat.who.life, then = std::move(then)] {
    if (seat.node && seat.who.life == life) then(*seat.node);
  });
}

}  // namespace baton::simulation
