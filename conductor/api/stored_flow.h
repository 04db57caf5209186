#pragma once

#include <map>
#include <string>
#include <variant>

#include "common/model/value.h"
#include "common/ports/flow_file_store.h"
#include "conductor/api/problem.h"
#include "engine/plan.h"

namespace baton::api {

/// A stored flow file as a posting asks for it.
struct StoredFlow {
  std::string name;
  std::uint32_t version = 0;  // 0: the newest
  Value parameters = Value::from_stored("{}");
  Value store = Value::from_stored("{}");
};

/// The details of the posting: the flow, written out once and for all, with the name and version of the file
/// and the parameters that it was made of.
std::variant<Value, Problem> write_out(const StoredFlow&, const ports::StoredFlowFile&);

/// Whether what stands there was posted as this asks. A later version may be the newest meanwhile.
bool same_stored(const StoredFlow&, const Value& details);

}  // namespace baton::api
