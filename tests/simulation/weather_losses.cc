#include "tests/simulation/weather.h"

/// What a server has lost when it comes back (docs/lost-servers.md).
namespace baton::simulation {
namespace {

constexpr std::uint64_t kFirstMs = 300, kLastMs = 7'500;  // when it happens

}  // namespace

/// One kind a seed: of a board and a database that both went back nothing is promised.
void Weather::plan_losses() {
  using Lose = void (Weather::*)();
  const Lose lose = world_.lot.loss == Loss::BoardWiped        ? &Weather::wipe_board
                    : world_.lot.loss == Loss::BoardRestored   ? &Weather::restore_board
                    : world_.lot.loss == Loss::DatabaseForgets ? &Weather::promote_standby
                                                               : nullptr;
  if (!lose) return;
  for (std::uint64_t i = losses_.between(1, 2); i > 0; --i)
    world_.loop.after(losses_.millis(kFirstMs, kLastMs), [this, lose] {
      if (!over_ && !losing_) (this->*lose)();
    });
}

void Weather::wipe_board() {
  lose_board("board is wiped", {});
}

/// Not to a copy that nobody could tell from the board that was lost: of that nothing is promised.
void Weather::restore_board() {
  losing_ = true;
  world_.loop.after(losses_.millis(800, 4'000),
                    [this, backup = world_.backup_board(), marked = world_.database->marked()] {
                      losing_ = false;
                      if (!over_ && world_.database->marked() > marked)
                        lose_board("board is restored from a backup", backup);
                    });
}

/// Who was connected has seen later numbers than the server has now. It is refused until it begins a new
/// session by itself: nobody tells it that its own is over (PROTOCOL.md H12).
void Weather::lose_board(const std::string& fault, const World::BoardBackup& left) {
  const Millis down = losses_.millis(50, 1'500);
  board_down_until_ = std::max(board_down_until_, world_.loop.steady() + down);
  world_.ensemble.set_down(true);
  for (const auto& seat : cluster_.seats()) {
    if (!seat->node || !seat->node->alive()) continue;
    met(fault, *seat->node);
    cut(*seat, Server::Board, down + 2 * World::kSessionTimeout + losses_.millis(0, 500));
  }
  ClientNode& client = cluster_.client();
  client.cut(Server::Board);
  world_.loop.after(down + 2 * World::kSessionTimeout, [&client] { client.mend(Server::Board); });
  world_.restore_board(left);
  client.look_for_lost();
  world_.loop.after(down, [this] {
    if (world_.loop.steady() >= board_down_until_) world_.ensemble.set_down(false);
  });
}

/// Sometimes another standby follows soon, that has heard no more than the first.
void Weather::promote_standby() {
  losing_ = true;
  world_.loop.after(losses_.millis(1, 1'500), [this, past = world_.database->past()] {
    losing_ = false;
    if (over_) return;
    forget(past);
    if (!losses_.one_in(3)) return;
    losing_ = true;
    world_.loop.after(losses_.millis(100, 3'000), [this, past] {
      losing_ = false;
      if (!over_) forget(past);
    });
  });
}

void Weather::forget(const std::shared_ptr<const WatchedDatabase::Past>& past) {
  world_.database->forget_since(*past);
  const Millis how_long = losses_.millis(20, 4'000);
  for (const auto& seat : cluster_.seats()) {
    ConductorNode* conductor = cluster_.conductor_at(*seat);
    if (!conductor) continue;
    met("database forgets", *conductor);
    cut(*seat, Server::Store, how_long);
    conductor->sever_store();
  }
  cluster_.client().look_for_lost();
}

}  // namespace baton::simulation
