#pragma once

#include <string>

#include "client/command/local_words.h"
#include "conductor/modules/module_catalogue.h"
#include "engine/plan.h"

namespace baton::client {

/// A flow that is to run here, compiled.
struct LocalFlow {
  std::string name;
  engine::PlanPtr plan;
  /// What stands in the posting of its run in place of the flow itself, which may be larger than a posting:
  /// its name and a digest of it and of its initial symbols.
  Value details;
};

/// From a file, or from a module by its name. The error is for people: all that is wrong.
Result<LocalFlow, std::string> compile_local(const RunOptions&, conductor::ModuleCatalogue&);

}  // namespace baton::client
