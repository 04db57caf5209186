#pragma once

namespace baton {

/// Of all programs; those of one fleet should have the same.
inline constexpr const char* kBatonVersion = "0.1.0";

}  // namespace baton
