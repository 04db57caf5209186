#include "tests/simulation/weather.h"

/// What happens to the network and to the servers.
namespace baton::simulation {
namespace {

constexpr Millis kLongerThanPatience{10'000};  // of a verb that waits for the board

const char* name_of(Server server) {
  switch (server) {
    case Server::Store:
      return "store";
    case Server::Bus:
      return "bus";
    case Server::Board:
      return "board";
    case Server::Cloud:
      return "cloud";
  }
  return "";
}

}  // namespace

void Weather::cut(Cluster::Seat& seat, Server server, Millis how_long) {
  seat.node->cut(server);
  later(seat, how_long, [this, server](Node& node) {
    world_.say(node.name() + " has its way to the " + name_of(server) + " again");
    node.mend(server);
  });
}

void Weather::cut_one() {
  Cluster::Seat* seat = living_seat();
  if (!seat) return;
  static const std::vector kOfConductors{Server::Store, Server::Bus, Server::Board};
  static const std::vector kOfWorkers{Server::Bus, Server::Cloud, Server::Board};
  const Server server = dice_.of(seat->conducts ? kOfConductors : kOfWorkers);
  met(std::string(seat->conducts ? "conductor" : "worker") + " cut off from " + name_of(server), *seat->node);
  cut(*seat, server, dice_.one_in(3) ? dice_.millis(3'000, 8'000) : dice_.millis(20, 2'500));
}

void Weather::cut_all() {
  Cluster::Seat* seat = living_seat();
  if (!seat) return;
  met(std::string(seat->conducts ? "conductor" : "worker") + " cut off from all", *seat->node);
  const Millis how_long = dice_.millis(200, 7'000);
  for (const Server server : {Server::Store, Server::Bus, Server::Board, Server::Cloud})
    if (server != Server::Cloud || !seat->conducts) cut(*seat, server, how_long);
}

/// What is under way is lost, done unheard, or done late.
void Weather::break_store() {
  Cluster::Seat* seat = living_seat();
  ConductorNode* conductor = seat ? cluster_.conductor_at(*seat) : nullptr;
  if (!conductor) return;
  met("connection to the store breaks", *conductor);
  conductor->break_store();
}

void Weather::store_outage() {
  const Millis how_long = dice_.one_in(3) ? dice_.millis(5'000, 9'000) : dice_.millis(50, 3'000);
  for (const auto& seat : cluster_.seats()) {
    if (!cluster_.conductor_at(*seat)) continue;
    met("store is down", *seat->node);
    cut(*seat, Server::Store, how_long);
  }
}

void Weather::board_outage() {
  Millis how_long = dice_.millis(50, 6'000);
  if (outages_.one_in(3)) how_long += kLongerThanPatience;
  board_down_until_ = std::max(board_down_until_, world_.loop.steady() + how_long);
  world_.ensemble.set_down(true);
  for (const auto& seat : cluster_.seats()) {
    if (!seat->node || !seat->node->alive()) continue;
    met("board is down", *seat->node);
    cut(*seat, Server::Board, how_long);
  }
  world_.loop.after(how_long, [this] {
    if (world_.loop.steady() >= board_down_until_) world_.ensemble.set_down(false);
  });
}

void Weather::bus_outage() {
  for (const Node* node : cluster_.living()) met("bus is down", *node);
  world_.broker.set_reachable(false);
  world_.loop.after(dice_.millis(50, 6'000), [this] { world_.broker.set_reachable(true); });
}

void Weather::slow_network() {
  Cluster::Seat* seat = living_seat();
  if (!seat) return;
  met("network is slow", *seat->node);
  seat->node->slow_network(dice_.millis(20, 400));
  later(*seat, dice_.millis(300, 4'000), [](Node& node) { node.slow_network(Millis{3}); });
}

}  // namespace baton::simulation
