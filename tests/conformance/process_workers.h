#pragma once

namespace baton::conformance {

/// The runner's own binary as a slot: it runs what scripts say.
[[noreturn]] void serve_as_slot(int parent);

}  // namespace baton::conformance
