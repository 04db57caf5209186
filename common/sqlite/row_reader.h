#pragma once

#include "common/memory/flow_tables.h"
#include "common/sqlite/connection.h"

namespace baton::sqlite {

/// All that is in the file. What is none of what we write there is damage, and told.
Result<memory::FlowTables, SqlError> read_tables(Connection&);

/// Jobs that were posted and not claimed yet.
Result<std::vector<Posting>, SqlError> read_postings(Connection&);

}  // namespace baton::sqlite
