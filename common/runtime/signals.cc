#include "common/runtime/signals.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace baton::runtime {

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

Signals::~Signals() = default;

}  // namespace baton::runtime
