#include "tests/growth/work_count.h"

namespace {
std::uint64_t blocks = 0;
}

namespace baton::tests {
std::uint64_t blocks_run() {
  return blocks;
}
}  // namespace baton::tests

/// Called by each basic block of what was compiled with -fsanitize-coverage=trace-pc.
extern "C" void __sanitizer_cov_trace_pc();
extern "C" void __sanitizer_cov_trace_pc() {
  ++blocks;
}
