#include "tests/simulation/verdict.h"

/// P6: every wait ends, or is shown with its reason. Without faults nothing has a reason to wait for ever.
namespace baton::simulation {

void check_waits(const World& world, Verdict& verdict) {
  for (const auto& wait : world.evidence.waits) verdict.broken(Promise::P6, wait);
}

}  // namespace baton::simulation
