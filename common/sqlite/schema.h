#pragma once

#include "common/sqlite/connection.h"

namespace baton::sqlite {

/// Stand in the file's header, so that other programs (file, sqlite3) and we know it again.
inline constexpr std::int64_t kApplicationId = 0x4261746e;  // "Batn"
inline constexpr std::int64_t kSchemaVersion = 4;

/// Makes the tables in a file that has none, and those that came later in one of an earlier version. Refused:
/// another program's database, a later version's, or one that does not hold together. The error is for
/// people.
Result<void, SqlError> prepare_schema(Connection&);

}  // namespace baton::sqlite
