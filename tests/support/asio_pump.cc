#include "tests/support/asio_pump.h"

#include <boost/asio/io_context.hpp>

namespace baton::test {

bool pump_loop(runtime::AsioLoop& loop, const std::function<bool()>& until, Millis limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!until()) {
    loop.io_context().restart();
    if (loop.io_context().run_one_until(end) == 0 && std::chrono::steady_clock::now() >= end) return until();
  }
  return true;
}

}  // namespace baton::test
