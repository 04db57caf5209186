#pragma once

#include <string>
#include <vector>

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

/// From a file, or from a module by its name. The error is for people: all that is wrong. So are those below.
Result<LocalFlow, std::string> compile_local(const RunOptions&, conductor::ModuleCatalogue&);

/// A flow in conformance/FORMAT.md's shape, with initial symbols.
Result<LocalFlow, std::string> compile_value(const Value& flow, const engine::Symbols&);
/// `parameters`: "name=value".
Result<Value, std::string> read_flow_file(const std::string& path, const std::vector<std::string>& parameters,
                                          const engine::Symbols&);
Result<Value, std::string> build_module_flow(const std::string& name,
                                             const std::vector<std::string>& parameters,
                                             conductor::ModuleCatalogue&);

}  // namespace baton::client
