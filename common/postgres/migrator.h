#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/ports/flow_store.h"
#include "common/postgres/blocking_connection.h"

namespace baton::postgres {

inline constexpr int kMigrateTriesMax = 120;  // a minute and a half
inline constexpr LockPatience kMigratePatience{Millis{200}, Millis{500}, kMigrateTriesMax};

struct MigrateOutcome {
  int found = 0;  // the schema's version before; 0: there was none
  int now = 0;
};

/// Brings the schema to this program's version: each migration in a transaction of its own, under an advisory
/// lock, so that two of them do not meet. Creates the schema if need be. Blocks; for `baton admin migrate`
/// and tests. Refuses (SchemaMismatch) a newer schema and one whose migrations had other text.
Result<MigrateOutcome, ports::StoreError> migrate(const std::string& conninfo, const std::string& schema,
                                                  const std::function<void(std::string_view line)>& progress,
                                                  const LockPatience& = kMigratePatience);

/// What migrate() would do, told in the same lines, as far as it can be known: reads only. Refuses the same.
Result<MigrateOutcome, ports::StoreError> plan_migration(
    const std::string& conninfo, const std::string& schema,
    const std::function<void(std::string_view line)>& progress);

/// Enters a schema that is of this program's version; else what is wrong with it.
std::optional<ports::StoreError> use_schema(BlockingConnection&, const std::string& schema);

/// Compares what is recorded as applied ("1:checksum,2:checksum") with this program's migrations. Nothing:
/// they fit.
std::optional<ports::StoreError> schema_problem(const std::string& place, const std::string& schema,
                                                std::string_view applied);

}  // namespace baton::postgres
