#pragma once

#include <cstdint>

namespace baton::tests {

/// Basic blocks of engine and model that this program has gone through.
std::uint64_t blocks_run();

}  // namespace baton::tests
