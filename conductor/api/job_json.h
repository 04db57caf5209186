#pragma once

#include <string>

#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "conductor/api/json_text.h"
#include "conductor/inspection.h"
#include "engine/plan.h"

/// Jobs, atoms and history as the API's JSON. Member names are part of the API (docs/api.md).
namespace baton::api {

/// What a job that is only on the board has in common with one that is recorded.
ports::JobSummary summary_of(const ports::BoardJob&);

/// Members of a summary, into an object that is open. `waiting_for`: why nothing moves; empty: it moves.
void write_summary(JsonText&, const ports::JobSummary&, const std::string& waiting_for);

/// A node that stands for no job, as an object of its own among the jobs: TRASHED, by its path, without uuid.
void write_trashed(JsonText&, const ports::TrashedNode&);

/// One atom as an object of its own.
struct AtomContext {
  const engine::Plan* plan = nullptr;  // null: not compiled yet, or unreadable
  const conductor::RunningAtom* running = nullptr;
  const conductor::WaitingAtom* waiting = nullptr;
  TimePoint now{};
};
void write_atom(JsonText&, const ports::AtomView&, const AtomContext&);

void write_history_row(JsonText&, const ports::HistoryRow&);

/// One without an id would be recorded.
void write_order(JsonText&, const ports::OrderRecord&, const std::string& warning = {});

}  // namespace baton::api
