#pragma once

#include <string>
#include <vector>

#include "common/model/job.h"
#include "tests/conformance/case.h"

namespace baton::conformance {

/// A case as a service would post it, and what its workers must bring.
struct ClusterPosting {
  Value details;                        // flow, store, options
  std::vector<std::string> task_types;  // of its tasks
  std::uint32_t tasks = 0;
};

/// Throws std::runtime_error on what no posting can hold.
ClusterPosting posting_of(const Case&);

}  // namespace baton::conformance
