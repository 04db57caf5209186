#pragma once

#include <string>
#include <vector>

#include "flowfile/flow_file.h"

namespace baton::flowfile {

/// What is another in a flow than in the one before: a task, a retry, or a flow as such (its pattern, its
/// links).
struct Change {
  enum class Kind { Added, Removed, Changed };
  Kind kind = Kind::Changed;
  std::string what;  // "task", "retry", "flow"
  std::string name;
  std::string type;                  // of a task
  std::vector<std::string> members;  // of Changed: which of them; "order": it comes after others than before
};

/// By name: what was renamed is removed and added. In the order of the flows.
std::vector<Change> changes_between(const Compiled& before, const Compiled& after);

/// "+ task create-d (server.create)", "~ retry servers_retry: attempts", …
std::string shown(const Change&);

}  // namespace baton::flowfile
