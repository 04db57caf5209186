#include "tests/simulation/verdict.h"

namespace baton::simulation {

std::string to_string(const Violation& violation) {
  return "P" + std::to_string(static_cast<int>(violation.promise)) +
         (violation.checker.empty() ? "" : " (" + violation.checker + ")") + ": " + violation.what;
}

}  // namespace baton::simulation
