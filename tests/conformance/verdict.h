#pragma once

#include <string>
#include <vector>

#include "tests/conformance/case.h"
#include "tests/conformance/observed.h"

namespace baton::conformance {

/// Why a case is not run: what Baton does otherwise on purpose (conformance/README.md). Empty: it is run.
std::string skipped_because(const Case&);

/// Everything in which the run differs from what the case states; empty: it passed.
std::vector<std::string> differences(const Case&, const Observed&);

}  // namespace baton::conformance
