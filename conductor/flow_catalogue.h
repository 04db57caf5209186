#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/value.h"
#include "engine/user_retries.h"

namespace baton::conductor {

/// UnknownFlow, Unavailable, UnknownParameter: another conductor may know it; the job is left alone. Refused:
/// the parameters do not fit what the flow declares, or its factory refused them; the job ends REJECTED.
struct CatalogueError {
  enum class Kind { UnknownFlow, Unavailable, UnknownParameter, Refused };
  Kind kind = Kind::UnknownFlow;
  std::string message;  // where, what, what was known, what to do
};

struct CatalogueEntry {
  std::string name;
  std::string description;
  Value parameters;  // as in sdk/baton/module.h
  std::string module, version;
};

/// What this process has from modules: the flows that it can build by name, and retry policies. Owner's
/// thread only.
class FlowCatalogue {
 public:
  virtual ~FlowCatalogue() = default;
  virtual bool knows(std::string_view name) const = 0;
  /// `args` (a list) by position and `kwargs` (an object) by name, as a Python poster gives them. The flow
  /// comes in conformance/FORMAT.md's shape with Baton's members.
  virtual Result<Value, CatalogueError> build(std::string_view name, const Value& args,
                                              const Value& kwargs) = 0;
  virtual std::vector<CatalogueEntry> entries() const = 0;  // by name
  /// The modules' retry policies, living as long as the catalogue. Null: there are none.
  virtual const engine::UserRetries* retries() const { return nullptr; }
};

}  // namespace baton::conductor
