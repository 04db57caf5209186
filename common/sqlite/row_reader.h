#pragma once

#include "common/memory/flow_tables.h"
#include "common/sqlite/connection.h"

namespace baton::sqlite {

/// All that is in the file. Values are taken as they are: they have passed the border before they were
/// written.
Result<memory::FlowTables, SqlError> read_tables(Connection&);

/// Jobs that were posted and not claimed yet.
Result<std::vector<Posting>, SqlError> read_postings(Connection&);

}  // namespace baton::sqlite
