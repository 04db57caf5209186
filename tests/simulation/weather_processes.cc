#include "tests/simulation/weather.h"

/// What happens to processes.
namespace baton::simulation {
namespace {

constexpr std::uint64_t kBackMaxMs = 3'000;  // a supervisor starts it again

}  // namespace

void Weather::kill(Cluster::Seat& seat, const std::string& fault) {
  met(fault, *seat.node);
  static const std::vector kHow{Cluster::Known::Noted, Cluster::Known::Noted, Cluster::Known::Closed,
                                Cluster::Known::Late};
  cluster_.kill(seat, dice_.of(kHow));
  cluster_.start(seat, dice_.millis(20, kBackMaxMs));
}

void Weather::crash() {
  if (Cluster::Seat* seat = living_seat()) kill(*seat, seat->conducts ? "conductor dies" : "worker dies");
}

/// At the n-th step of that kind from now on.
void Weather::crash_at_a_step() {
  Cluster::Seat& seat = any_seat();
  static const std::vector kOfConductors{Server::Store, Server::Store, Server::Bus, Server::Board};
  static const std::vector kOfWorkers{Server::Bus, Server::Cloud, Server::Cloud, Server::Board};
  static const std::vector kMoments{Moment::Before, Moment::Sent, Moment::Done, Moment::Heard};
  const Server server = dice_.of(seat.conducts ? kOfConductors : kOfWorkers);
  armed_[&seat] = {{server, dice_.of(kMoments)}, dice_.below(6)};
}

void Weather::stepped(Cluster::Seat& seat, Step step) {
  const auto armed = armed_.find(&seat);
  if (armed == armed_.end() || armed->second.step != step) return;
  if (armed->second.after-- > 0) return;
  armed_.erase(armed);
  if (!over_) kill(seat, (seat.conducts ? "conductor dies: " : "worker dies: ") + to_string(step));
}

/// SIGSTOP, and SIGCONT some time later: its session may have ended meanwhile, and it does not know.
void Weather::stop() {
  Cluster::Seat* seat = living_seat();
  if (!seat || seat->node->process().stopped()) return;
  met(seat->conducts ? "conductor sleeps" : "worker sleeps", *seat->node);
  seat->node->stop();
  later(*seat, dice_.one_in(3) ? dice_.millis(3'000, 8'000) : dice_.millis(50, 2'500), [this](Node& node) {
    world_.say(node.name() + " wakes, " + node.doing());
    node.go_on();
  });
}

/// The server has ended its session; it hears of it and goes on.
void Weather::expire() {
  Cluster::Seat* seat = living_seat();
  if (!seat) return;
  met(seat->conducts ? "conductor's session ends" : "worker's session ends", *seat->node);
  seat->node->session().expire();
}

void Weather::slow_worker() {
  Cluster::Seat* seat = living_seat();
  WorkerNode* worker = seat ? cluster_.worker_at(*seat) : nullptr;
  if (!worker) return;
  met("worker is slow", *worker);
  worker->tasks().slow_down(static_cast<int>(dice_.between(2, 20)));
  later(*seat, dice_.millis(500, 4'000),
        [](Node& node) { static_cast<WorkerNode&>(node).tasks().slow_down(1); });
}

void Weather::restart_all() {
  if (!dice_.one_in(4)) return;
  for (const auto& seat : cluster_.seats())
    if (seat->node && seat->node->alive())
      kill(*seat, seat->conducts ? "all die: conductor" : "all die: worker");
}

void Weather::jump_clock() {
  const Millis by = dice_.one_in(2) ? dice_.millis(10, 5'000) : -dice_.millis(10, 5'000);
  if (dice_.one_in(2)) {
    Cluster::Seat* seat = living_seat();
    if (!seat) return;
    met("clock jumps", *seat->node);
    seat->node->process().jump(by);
    return;
  }
  for (const Node* node : cluster_.living()) met("database's clock jumps", *node);
  world_.database_clock.jump(by);
}

}  // namespace baton::simulation
