#include "common/runtime/asio_loop.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "common/model/assert.h"
#include "common/runtime/timer_queue.h"

namespace baton::runtime {
namespace {

namespace asio = boost::asio;

Micros boot_time() {
  timespec now{};
  BATON_ASSERT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return std::chrono::duration_cast<Micros>(std::chrono::seconds(now.tv_sec) +
                                            std::chrono::nanoseconds(now.tv_nsec));
}

int open_timer() {
  const int descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return descriptor;
}

}  // namespace

struct AsioLoop::Impl {
  TimerQueue timers;            // outlives the context: tasks that die with it may still cancel timers
  std::optional<Micros> armed;  // when the alarm fires; timers removed meanwhile let it fire in vain
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::posix::stream_descriptor alarm{context};  // with it, what Asio itself needs is there

  Impl() {
    const int timer = open_timer();
    boost::system::error_code refused;
    alarm.assign(timer, refused);
    if (refused) ::close(timer);
    if (refused) throw boost::system::system_error(refused, "timer");
    wait();
  }
  ~Impl() { std::exchange(timers, {}); }  // while timers' callbacks can still post

  void wait() {
    alarm.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (error) return;  // closed with the loop
                       std::uint64_t expirations = 0;
                       const auto got = ::read(alarm.native_handle(), &expirations, sizeof expirations);
                       BATON_ASSERT(got > 0 || errno == EAGAIN);
                       armed.reset();
                       timers.fire(boot_time());
                       arm();
                       wait();
                     });
  }

  void arm() {
    const auto earliest = timers.earliest();
    if (!earliest || (armed && *armed <= *earliest)) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*earliest);
    itimerspec at{};
    at.it_value.tv_sec = seconds.count();
    at.it_value.tv_nsec = std::chrono::nanoseconds(*earliest - seconds).count();
    BATON_ASSERT(timerfd_settime(alarm.native_handle(), TFD_TIMER_ABSTIME, &at, nullptr) == 0);
    armed = earliest;
  }
};

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) {}

AsioLoop::~AsioLoop() = default;

void AsioLoop::run() {
  impl_->context.restart();
  impl_->context.run();
}

void AsioLoop::stop() {
  impl_->context.stop();
}

void AsioLoop::post(std::function<void()> task) {
  asio::post(impl_->context, std::move(task));
}

TimePoint AsioLoop::wall() const {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

Micros AsioLoop::steady() const {
  return boot_time();
}

ports::TimerId AsioLoop::after(Millis delay, std::function<void()> then) {
  // Past deadlines fire at once, but never here; the epoch itself would disarm the descriptor.
  const auto id = impl_->timers.add(boot_time() + std::max(delay, Millis{0}), std::move(then));
  impl_->arm();
  return id;
}

void AsioLoop::cancel(ports::TimerId id) {
  impl_->timers.remove(id);
}

boost::asio::io_context& AsioLoop::io_context() {
  return impl_->context;
}

}  // namespace baton::runtime
