/// A FlowDatabase's rows, given to whoever keeps them and taken back.
#include "common/memory/flow_tables.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/memory/flow_database.h"
#include "common/model/assert.h"

namespace baton::memory {
namespace {

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string sweep_name(std::uint32_t generation, const std::string& folder) {
  return std::to_string(generation) + " " + folder;
}

}  // namespace

void FlowDatabase::journal_turn(const ports::Sweep& sweep, const Turn& turn) {
  journal(&Journal::standing_changed,
          {StandingRow::Kind::Sweep, sweep_name(sweep.generation, sweep.folder),
           turn.over ? StandingRow::kSweepOver : turn.until.time_since_epoch().count(),
           turn.sweeper.value.to_string()});
}

void FlowDatabase::restore_standing(const StandingRow& row) {
  switch (row.kind) {
    case StandingRow::Kind::Generation: {
      const auto generation = static_cast<std::uint32_t>(row.number);
      generations_[{row.name, origin_}] = generation;
      last_generation_ = std::max(last_generation_, generation);
      return;
    }
    case StandingRow::Kind::Mark:
      marks_[{row.name, origin_}] = static_cast<std::int32_t>(row.number);
      return;
    case StandingRow::Kind::Height:
      heights_[number_of(row.name)] = row.number;
      return;
    case StandingRow::Kind::Sweep: {
      const auto space = std::min(row.name.find(' '), row.name.size() - 1);
      const bool over = row.number == StandingRow::kSweepOver;
      sweeps_[{number_of(row.name), row.name.substr(space + 1)}] = {
          Incarnation(Uuid::parse(row.who).value_or(Uuid())), TimePoint(Micros(over ? 0 : row.number)), over};
      return;
    }
  }
}

void FlowDatabase::restore(FlowTables tables) {
  jobs_.clear(), job_by_flow_.clear(), trashed_.clear(), orders_.clear();
  generations_.clear(), marks_.clear(), heights_.clear(), sweeps_.clear();
  last_generation_ = 0, last_number_ = 0, last_order_ = 0;
  for (JobRow& job : tables.jobs) {
    last_number_ = std::max(last_number_, job.number);
    const JobId uuid = job.summary.uuid;
    job.history.clear();
    job_by_flow_[*job.summary.flow] = uuid;
    jobs_[uuid] = std::move(job);
  }
  history_ = std::move(tables.history);
  for (const auto& event : history_) jobs_.at(event.job).history.push_back(event.row.id);
  for (auto& order : tables.orders) {
    last_order_ = std::max(last_order_, order.id);
    orders_[order.job].push_back(std::move(order));
  }
  for (auto& node : tables.trashed) trashed_[node.board_path] = node;
  for (const StandingRow& row : tables.standing) restore_standing(row);
  flow_files_.clear();
  for (auto& file : tables.flow_files) flow_files_[file.about.name].push_back(std::move(file));
  hook_calls_.clear();
  for (auto& call : tables.hook_calls) hook_calls_.put(std::move(call));
}

FlowTables FlowDatabase::tables() const {
  FlowTables tables;
  for (const auto& [uuid, job] : jobs_) tables.jobs.push_back(job);
  tables.history = history_;
  for (const auto& [job, orders] : orders_)
    tables.orders.insert(tables.orders.end(), orders.begin(), orders.end());
  for (const auto& [path, node] : trashed_) tables.trashed.push_back(node);
  for (const auto& [board, generation] : generations_)
    tables.standing.push_back({StandingRow::Kind::Generation, board.first, generation, {}});
  for (const auto& [board, mark] : marks_)
    if (mark != 0) tables.standing.push_back({StandingRow::Kind::Mark, board.first, mark, {}});
  for (const auto& [generation, height] : heights_)
    if (height != 0)
      tables.standing.push_back({StandingRow::Kind::Height, std::to_string(generation), height, {}});
  for (const auto& [sweep, turn] : sweeps_)
    tables.standing.push_back({StandingRow::Kind::Sweep, sweep_name(sweep.first, sweep.second),
                               turn.over ? StandingRow::kSweepOver : turn.until.time_since_epoch().count(),
                               turn.sweeper.value.to_string()});
  for (const auto& [name, versions] : flow_files_)
    tables.flow_files.insert(tables.flow_files.end(), versions.begin(), versions.end());
  for (const auto& [id, call] : hook_calls_.all()) tables.hook_calls.push_back(call);
  return tables;
}

}  // namespace baton::memory
