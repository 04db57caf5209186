#include "tests/simulation/cluster.h"

#include <algorithm>

#include "tests/simulation/flow_maker.h"

namespace baton::simulation {
namespace {

constexpr std::size_t kQueuedMessagesMax = 200;  // small enough to be reached
constexpr std::size_t kManyAnswers = 60;
constexpr Millis kBoardMark{1'000};       // a backup shows by its age; the real minute is too long here
constexpr std::uint64_t kFewAnswers = 6;  // a stream that leaves the README's seeds as they were

conductor::Bounds bounds_of(Dice& dice, const Lot& lot) {
  conductor::Bounds bounds;
  bounds.flows_max = dice.between(2, 8);
  bounds.prefetch = static_cast<std::uint32_t>(dice.below(3));
  bounds.left_alone_max = Millis{8'000};
  bounds.silent_rest = Millis{2'000};
  bounds.removal_round = Millis{4'000};
  if (lot.loss == Loss::BoardRestored) bounds.board_mark = kBoardMark;
  return bounds;
}

worker::RunnerLimits limits_of(Dice& dice, Dice later, const Lot& lot) {
  worker::RunnerLimits limits;
  limits.slots = static_cast<std::uint32_t>(dice.between(1, 4));
  limits.prefetch = static_cast<std::uint32_t>(dice.between(1, 4));
  limits.answers_max = dice.between(4, 40);
  if (later.one_in(4)) limits.answers_max = later.between(1, 3);
  if (lot.loss == Loss::DatabaseForgets) limits.answers_max = kManyAnswers;  // README.md, "Known"
  return limits;
}

}  // namespace

Cluster::Cluster(World& world)
    : world_(world),
      dice_(world.seed, Chance::Servers, 1),
      bounds_(bounds_of(dice_, world.lot)),
      limits_(limits_of(dice_, Dice(world.seed, Chance::Later, kFewAnswers), world.lot)) {
  const auto conductors = dice_.between(1, 3), workers = dice_.between(2, 4);
  for (std::uint64_t i = 1; i <= conductors; ++i)
    seats_.push_back(std::make_unique<Seat>(Seat{{"c" + std::to_string(i), i, 0}, true, {}, {}, false}));
  for (std::uint64_t i = 1; i <= workers; ++i) {
    std::set<std::string> types{kPlainTask};
    if (i <= 2) types.insert(kRareTask);
    seats_.push_back(
        std::make_unique<Seat>(Seat{{"w" + std::to_string(i), 100 + i, 0}, false, types, {}, false}));
  }
}

Cluster::~Cluster() = default;

void Cluster::start() {
  client_ = std::make_unique<ClientNode>(world_, Who{"client", 999, 1});
  client_->post_all();
  for (auto& seat : seats_) start(*seat, dice_.millis(0, 200));
}

void Cluster::start(Seat& seat, Millis after) {
  if (std::exchange(seat.returning, true)) return;
  world_.loop.after(after, [this, &seat] {
    seat.returning = false;
    if (!seat.node) make(seat);
  });
}

std::unique_ptr<Node> Cluster::make_node(const Seat& seat) {
  if (seat.conducts) return std::make_unique<ConductorNode>(world_, seat.who, bounds_, kQueuedMessagesMax);
  return std::make_unique<WorkerNode>(world_, seat.who, limits_, seat.types, kQueuedMessagesMax);
}

void Cluster::make(Seat& seat) {
  ++seat.who.life;
  seat.node = make_node(seat);
  seat.node->process().on_step([this, &seat](Step step) {
    if (on_step_) on_step_(seat, step);
  });
  if (on_start_) on_start_(seat);
}

/// Its object may be in the middle of its own code.
void Cluster::kill(Seat& seat, Known how) {
  if (!seat.node || !seat.node->alive()) return;
  const std::uint64_t session = seat.node->die();
  world_.loop.post([&seat] { seat.node.reset(); });
  if (how == Known::Late) return;
  world_.loop.after(dice_.millis(5, 40), [this, session, how, incarnation = seat.node->incarnation()] {
    if (how == Known::Noted) memory::MemoryDirectory::note_death(world_.ensemble, incarnation);
    world_.ensemble.end_session(session);
  });
}

void Cluster::drain(Seat& seat, Millis deadline) {
  seat.told_to_end = seat.who.life;
  const auto gone = [this, &seat, life = seat.who.life] { left(seat, life); };
  if (ConductorNode* conductor = conductor_at(seat)) conductor->drain(gone);
  if (WorkerNode* worker = worker_at(seat)) worker->drain(deadline, gone);
}

void Cluster::left(Seat& seat, int life) {
  if (!seat.node || seat.who.life != life || !seat.node->alive()) return;
  world_.say(seat.node->name() + " has stopped as it was told");
  seat.node->die();
  world_.loop.post([&seat] { seat.node.reset(); });
  start(seat, dice_.millis(20, 3'000));
}

ConductorNode* Cluster::conductor_at(Seat& seat) const {
  return seat.conducts && seat.node && seat.node->alive() ? static_cast<ConductorNode*>(seat.node.get())
                                                          : nullptr;
}
WorkerNode* Cluster::worker_at(Seat& seat) const {
  return !seat.conducts && seat.node && seat.node->alive() ? static_cast<WorkerNode*>(seat.node.get())
                                                           : nullptr;
}

std::vector<Node*> Cluster::living() const {
  std::vector<Node*> nodes;
  for (const auto& seat : seats_)
    if (seat->node && seat->node->alive()) nodes.push_back(seat->node.get());
  return nodes;
}

bool Cluster::quiet() const {
  if (!client_->idle()) return false;
  for (const auto& job : world_.jobs)
    if (!is_final(world_.database->state_of(job.uuid, job.runs))) return false;
  if (!world_.ensemble.children(World::kBoard).empty()) return false;
  if (!world_.database->unnoted().empty()) return false;
  const auto nodes = living();
  return std::all_of(nodes.begin(), nodes.end(), [](const Node* node) { return node->idle(); });
}

bool Cluster::is_empty() const {
  const auto& levels = world_.evidence.levels;
  return std::all_of(levels.begin(), levels.end(), [](const auto& level) { return level.second.left == 0; });
}

void Cluster::sample() {
  for (auto& [what, level] : world_.evidence.levels) level.left = 0;
  for (const Node* node : living()) node->sample(world_.evidence.levels);
}

}  // namespace baton::simulation
