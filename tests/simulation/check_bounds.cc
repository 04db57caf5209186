#include "tests/simulation/verdict.h"

/// P7: what is kept stays within its named bound, and nothing is left when there is nothing to do.
namespace baton::simulation {

void check_bounds(const World& world, Verdict& verdict) {
  for (const auto& [what, level] : world.evidence.levels) {
    if (level.most > level.bound)
      verdict.broken(Promise::P7, std::to_string(level.most) + " " + what + ", the bound is " +
                                      std::to_string(level.bound));
    if (level.left > 0)
      verdict.broken(Promise::P7, std::to_string(level.left) + " " + what + " when there was nothing to do");
  }
}

}  // namespace baton::simulation
