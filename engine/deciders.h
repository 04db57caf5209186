#pragma once

#include <variant>
#include <vector>

#include "common/model/failure.h"
#include "engine/flow_book.h"
#include "engine/graph_reach.h"

namespace baton::engine {

struct RunIt {};
/// A decider said no: these atoms besides the one that was voted on are ignored.
struct IgnoreIt {
  std::vector<AtomRange> behind;
};
using Vote = std::variant<RunIt, IgnoreIt, Failure>;

/// Asks the deciders of an atom that is ready to execute (semantics.md section 7).
Vote vote_on(const FlowBook&, AtomIndex);

}  // namespace baton::engine
