/// What a FlowDatabase knows of boards: their generations, how high their locks have come, sweeps.
#include <algorithm>

#include "common/memory/flow_database.h"

namespace baton::memory {

Epoch FlowDatabase::epoch_of(const ports::ClaimRequest& request) {
  const std::uint32_t generation = generation_of(request.board_id, 0);
  auto& height = heights_[generation];
  height = std::max(height, request.lock_czxid);
  journal(&Journal::standing_changed, {StandingRow::Kind::Height, std::to_string(generation), height, {}});
  return {generation, request.lock_czxid};
}

std::uint32_t FlowDatabase::generation_of(const std::string& board_id, std::uint32_t noted) {
  auto& generation = generations_[{board_id, origin_}];
  if (generation == 0 || generation < noted) {
    generation = last_generation_ = std::max(last_generation_, noted) + 1;
    journal(&Journal::standing_changed, {StandingRow::Kind::Generation, board_id, generation, {}});
  }
  return generation;
}

FlowDatabase::Outcome<ports::BoardStanding> FlowDatabase::meet_board(const std::string& board_id,
                                                                     std::uint32_t noted) {
  const std::uint32_t generation = generation_of(board_id, noted);
  return ports::BoardStanding{generation, heights_[generation], marks_[{board_id, origin_}]};
}

FlowDatabase::Outcome<void> FlowDatabase::mark_board(const std::string& board_id, std::int32_t version) {
  auto& marked = marks_[{board_id, origin_}];
  marked = std::max(marked, version);
  journal(&Journal::standing_changed, {StandingRow::Kind::Mark, board_id, marked, {}});
  return {};
}

FlowDatabase::Outcome<ports::SweepTurn> FlowDatabase::take_sweep(const ports::Sweep& sweep, TimePoint now) {
  auto& turn = sweeps_[{sweep.generation, sweep.folder}];
  if (turn.over) return ports::SweepTurn::Over;
  if (turn.sweeper != sweep.sweeper && now < turn.until) return ports::SweepTurn::Anothers;
  turn.sweeper = sweep.sweeper;
  turn.until = now + ports::kSweepLease;
  journal_turn(sweep, turn);
  return ports::SweepTurn::Ours;
}

FlowDatabase::Outcome<void> FlowDatabase::end_sweep(const ports::Sweep& sweep, TimePoint) {
  auto& turn = sweeps_[{sweep.generation, sweep.folder}];
  if (turn.sweeper == sweep.sweeper) turn.over = true;
  journal_turn(sweep, turn);
  return {};
}

}  // namespace baton::memory
