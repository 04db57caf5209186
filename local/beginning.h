#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/atom_record.h"
#include "common/ports/order_record.h"
#include "engine/engine.h"

namespace baton::local {

/// A run as it is begun, or gone on with.
struct Beginning {
  JobId job;
  FlowId flow;
  Epoch epoch;
  std::uint32_t run = 1;
  engine::PlanPtr plan;
  bool plan_kept = false;  // the keeper has it
  FlowState state = FlowState::Pending;
  std::vector<AtomRecord> atoms;  // none: a fresh one
  std::uint64_t last_seq = 0;
  std::optional<ports::OrderRecord> asked;  // who has asked for this run, and how; open
};

/// Its engine, as the last record left it.
Result<std::unique_ptr<engine::Engine>, engine::FlowError> make_engine(const Beginning&,
                                                                       const engine::UserRetries*);

/// What the engine is told first. Of a process before this one nothing runs any more: its deliveries are
/// lost. `slots`, `name`: this process's.
std::vector<engine::Event> first_events(const Beginning&, const engine::Engine&, std::uint32_t slots,
                                        const std::string& name);

}  // namespace baton::local
