#pragma once

#include "common/model/fact.h"
#include "common/model/limits.h"
#include "common/ports/flow_store.h"

namespace baton::ports {

/// Larger results stand in the history by their size only ("result_bytes"); the atom itself has them.
inline constexpr std::size_t kHistoryValueBytesMax = 64 * kKiB;

/// What is kept of a fact: "result", "failure", "note"; of a range "first", "count", "reset"; of a flow's end
/// "kept". Null: nothing.
Value history_data(const Fact&);
/// … and of a claim.
Value history_data(const HistoryClaim&);
/// … and of an order that was taken.
Value history_data(const TakenOrder&);

/// Only what is planned for the atom changed: its history row has no state.
bool only_intention(const AtomFact&);

/// A range as it is kept, by the atoms' places.
struct KeptRange {
  AtomIndex first = 0;
  std::uint32_t atoms = 0;
  bool reset = false;
};
std::optional<KeptRange> kept_range(const Value& data);
std::optional<HistoryClaim> kept_claim(const Value& data);
std::optional<HistoryOrder> kept_order(const Value& data);

}  // namespace baton::ports
