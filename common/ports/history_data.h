#pragma once

#include "common/model/fact.h"
#include "common/model/limits.h"

namespace baton::ports {

/// Larger results stand in the history by their size only ("result_bytes"); the atom itself has them.
inline constexpr std::size_t kHistoryValueBytesMax = 64 * kKiB;

/// What HistoryRow::data says of a fact: "result", "failure", "note"; of a range "first", "count", "reset";
/// of a flow's end "kept". Null: nothing.
Value history_data(const Fact&);

}  // namespace baton::ports
