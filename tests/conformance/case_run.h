#pragma once

#include "tests/conformance/engine_host.h"

namespace baton::conformance {

/// Runs one case over its whole life: engines that crash, suspend, resume and run again.
void run_case(Stage&, EngineHost&);

}  // namespace baton::conformance
