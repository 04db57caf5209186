#pragma once

#include <functional>
#include <memory>

#include "common/ports/clock.h"
#include "common/ports/executor.h"

namespace boost::asio {
class io_context;
}

namespace baton::runtime {

/// The owner's thread of a daemon: one event loop that is Executor and Clock for everything in the process.
/// Life: made first and destroyed last; adapters hold a reference to it. run() on the main thread.
/// Threads: post() and stop() from any; everything else on the thread that runs it, or before run().
/// Timers are on CLOCK_BOOTTIME like steady(): a machine that was suspended finds its deadlines passed.
class AsioLoop final : public ports::Executor, public ports::Clock {
 public:
  AsioLoop();
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  /// Runs until stop(), also while there is nothing to do. May be called again after it returned.
  void run();
  /// run() returns after the task that is under way; tasks still queued stay for the next run().
  void stop();

  void post(std::function<void()> task) override;

  TimePoint wall() const override;
  Micros steady() const override;
  ports::TimerId after(Millis delay, std::function<void()> then) override;
  void cancel(ports::TimerId) override;

  /// For adapters whose client library is a descriptor: wait for it here.
  boost::asio::io_context& io_context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::runtime
