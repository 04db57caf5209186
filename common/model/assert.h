#pragma once

/// BATON_ASSERT(condition): for our own bugs only, on in release builds too. The world's trouble (bad input,
/// a server that is away, an old message) is a Result, never an assertion. Prints the place and the
/// condition, then aborts.

namespace baton {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line,
                                   const char* function) noexcept;
}  // namespace baton

#define BATON_ASSERT(condition)           \
  (static_cast<bool>(condition) ? void(0) \
                                : ::baton::assertion_failed(#condition, __FILE__, __LINE__, __func__))
