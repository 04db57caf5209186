#include "tests/support/asio_pump.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>

namespace baton::test {

bool pump_loop(runtime::AsioLoop& loop, const std::function<bool()>& until, Millis limit) {
  // A condition may depend on the time alone, with no task to run: asked at least this often.
  constexpr Millis kAskedEvery{20};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!until()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return false;
    loop.io_context().restart();
    loop.io_context().run_one_until(std::min(end, now + kAskedEvery));
  }
  return true;
}

}  // namespace baton::test
