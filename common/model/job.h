#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/model/ids.h"
#include "common/model/result.h"
#include "common/model/value.h"

namespace baton {

/// TaskFlow's five. Higher is served first (TaskFlow's own board does it in reverse; see
/// interop/jobboard-wire.md).
enum class Priority : std::uint8_t { VeryLow = 0, Low = 1, Normal = 2, High = 3, VeryHigh = 4 };
std::string_view to_string(Priority);                     // "VERY_HIGH" …
std::optional<Priority> priority_from(std::string_view);  // any case

/// What a client posts: the JSON of a job node. Keys that we do not know are kept in `raw`, which is written
/// back as it was.
struct Posting {
  JobId uuid;
  std::string name;
  Priority priority = Priority::Normal;
  Value details;              // an object: factory | flow | flow_file, store, …
  std::optional<Value> book;  // {"name", "uuid"} where a Python poster sends one
  std::uint32_t run = 1;      // ours, ignored by TaskFlow; missing: 1
  Value raw;                  // the node's whole JSON, as read or as it will be written

  /// Reads a node's bytes by TaskFlow's rules. Refused: not JSON, no object, no uuid or name, an unknown
  /// priority.
  static Result<Posting, ValueError> parse(std::string_view bytes);
  /// Fills `raw`: {"uuid", "name", "priority", "details", "book"?, "run"?} as Python would write it.
  static Result<Posting, ValueError> make(JobId, std::string name, Priority, Value details,
                                          std::optional<Value> book = std::nullopt, std::uint32_t run = 1);
  /// The same job's, for another run; what we do not know is kept.
  Result<Posting, ValueError> for_run(std::uint32_t) const;
};

}  // namespace baton
