#pragma once

#include <vector>

#include "common/model/fact.h"
#include "common/postgres/result_set.h"

/// Rows of the tables atoms and scopes, read back. The columns stand in this order, from a given place on.
#define BATON_ATOM_COLUMNS                                                                            \
  "state, intention, attempt, dispatch, seq, worker, worker_name, deliveries, start_deadline,"        \
  " close_deadline, result, failure, revert_result, revert_failure, retry_history, name, started_at," \
  " ended_at, atom"
#define BATON_SCOPE_COLUMNS "seq, first, count, intention, reset"

namespace baton::postgres {

enum AtomColumn { kAtomName = 15, kAtomStartedAt, kAtomEndedAt, kAtomIndex };

AtomRecord read_atom(const ResultSet&, std::size_t row, int first_column);
Fact read_range(const ResultSet&, std::size_t row, int first_column);
/// No range goes beyond the atoms.
bool ranges_fit(const std::vector<Fact>& ranges, std::size_t atoms);

Value read_value(const ResultSet&, std::size_t row, int column);
std::optional<Failure> read_failure(const ResultSet&, std::size_t row, int column);

}  // namespace baton::postgres
