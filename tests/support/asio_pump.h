#pragma once

#include <functional>

#include "common/runtime/asio_loop.h"

namespace baton::test {

/// Runs the loop on the test's thread until the condition holds, asked after each task. False: the limit
/// passed.
bool pump_loop(runtime::AsioLoop&, const std::function<bool()>& until, Millis limit);

}  // namespace baton::test
