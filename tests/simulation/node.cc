#include "tests/simulation/node.h"

namespace baton::simulation {
namespace {

constexpr Millis kVerbPatience{10'000};  // as the board's adapter waits for a connection
constexpr Millis kBusNotices{1'000};     // until the bus says that the broker does not answer

std::size_t place_of(Server server) {
  return static_cast<std::size_t>(server);
}

}  // namespace

Node::Node(World& world, const Who& who, std::size_t queued_messages_max)
    : world_(world),
      process_(
          world.loop, who.name + "." + std::to_string(who.life),
          Dice(world.seed, Chance::Processes, who.number * 1'000 + static_cast<std::uint64_t>(who.life))),
      incarnation_(process_.entropy().uuid()),
      wires_{world.wire(process_, Server::Store), world.wire(process_, Server::Bus),
             world.wire(process_, Server::Board), world.wire(process_, Server::Cloud)},
      session_(world.ensemble, {process_, process_, wires_[place_of(Server::Board)], kVerbPatience}),
      directory_(session_),
      bus_(std::make_unique<memory::MemoryMessageBus>(world.broker, process_, world.loop,
                                                      wires_[place_of(Server::Bus)], queued_messages_max)) {
  world.trace.name(incarnation_, process_.name());
  world.say(process_.name() + " is started");
}

Node::~Node() {
  session_.die();
  for (auto& one : wires_) one->let_go();
}

std::uint64_t Node::die() {
  const std::uint64_t session = session_.number();
  world_.say(process_.name() + " dies");
  world_.evidence.died[process_.name()] = world_.loop.steady();
  process_.kill();
  session_.die();
  bus_->close(Millis{0});
  return session;
}

void Node::stop() {
  process_.stop();
  session_.fall_silent();
}

void Node::go_on() {
  process_.go_on();
  if (!is_cut(Server::Board)) session_.reconnect();
}

void Node::cut(Server server) {
  if (cuts_[place_of(server)]++ > 0 || !alive()) return;
  wire(server)->cut();
  if (server == Server::Board) session_.fall_silent();
  if (server == Server::Bus)
    process_.after(kBusNotices, [this] {
      if (is_cut(Server::Bus)) bus_->set_cut(true);
    });
  cut_noticed(server);
}

void Node::mend(Server server) {
  if (--cuts_[place_of(server)] > 0 || !alive()) return;
  wire(server)->mend();
  if (server == Server::Board && !process_.stopped()) session_.reconnect();
  if (server == Server::Bus) bus_->set_cut(false);
  mend_noticed(server);
}

void Node::slow_network(Millis most) {
  for (auto& one : wires_) one->slow(most);
}

void Node::raise(std::map<std::string, Level>& levels, const std::string& what, std::uint64_t now,
                 std::uint64_t bound) {
  Level& level = levels[what];
  level.most = std::max(level.most, now);
  level.bound = bound;
  level.left += now;
}

void Node::sample(std::map<std::string, Level>&) const {}

}  // namespace baton::simulation
