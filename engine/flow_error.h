#pragma once

#include <string>
#include <vector>

#include "engine/flow.h"

namespace baton::engine {

/// What is wrong in a flow.
struct Mistake {
  std::string what;
  std::string hint = {};  // empty: nothing better to say
  std::string atom = {};  // the task or retry whose it is; empty: it is the flow's
};

/// The refusal with its message, which is made of the parts that it holds: "flow 'outer' > 'inner': what" and
/// the hint, as a terminal may have them. `flows`: as FlowError has them.
FlowError flow_error(std::string stage, std::string kind, std::vector<std::string> flows, Mistake);

}  // namespace baton::engine
