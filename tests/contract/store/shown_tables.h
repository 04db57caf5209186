#pragma once

#include <string>

#include "common/memory/flow_tables.h"

namespace baton::test {

/// Every column of every row, to compare two databases.
std::string shown(const memory::FlowTables&);

}  // namespace baton::test
