#include "common/runtime/signals.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

namespace baton::runtime {
namespace {

/// Of the one Signals that ends the process at once. Written before the handler is, read by it.
void (*the_loops_handler)(int) = nullptr;
int exit_code_at_once = 0;
volatile std::sig_atomic_t told = 0;

/// The loop's own handler only tells the loop, which may be busy with something that never ends.
void tell_or_end(int number) {
  if (told != 0) ::_exit(exit_code_at_once);
  told = 1;
  the_loops_handler(number);
}

void stand_before_the_loops_handler(int number) {
  struct sigaction action {};
  ::sigaction(number, nullptr, &action);
  the_loops_handler = action.sa_handler;
  action.sa_handler = tell_or_end;
  ::sigaction(number, &action, nullptr);
}

}  // namespace

struct Signals::Impl : std::enable_shared_from_this<Impl> {
  boost::asio::signal_set set;
  std::function<void()> on_drain, on_stop;
  bool draining = false;

  Impl(AsioLoop& loop, std::function<void()> drain, std::function<void()> stop)
      : set(loop.io_context(), SIGTERM, SIGINT), on_drain(std::move(drain)), on_stop(std::move(stop)) {}

  void wait() {
    set.async_wait([self = weak_from_this()](const boost::system::error_code& error, int) {
      const auto impl = self.lock();
      if (error || !impl) return;
      impl->wait();
      if (std::exchange(impl->draining, true))
        impl->on_stop();
      else
        impl->on_drain();
    });
  }
};

Signals::Signals(AsioLoop& loop, std::function<void()> on_drain, std::function<void()> on_stop)
    : impl_(std::make_shared<Impl>(loop, std::move(on_drain), std::move(on_stop))) {
  std::signal(SIGPIPE, SIG_IGN);
  impl_->wait();
}

Signals::Signals(AsioLoop& loop, std::function<void()> on_drain, int exit_code)
    : Signals(loop, std::move(on_drain), [exit_code] { ::_exit(exit_code); }) {
  told = 0;
  exit_code_at_once = exit_code;
  for (const int number : {SIGTERM, SIGINT}) stand_before_the_loops_handler(number);
}

Signals::~Signals() = default;

}  // namespace baton::runtime
