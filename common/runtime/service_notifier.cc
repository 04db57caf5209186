#include "common/runtime/service_notifier.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>

namespace baton::runtime {
namespace {

// A notification that fails is not worth ending a daemon for: systemd then sees no READY or no watchdog.
void tell(const std::string& state) {
  sd_notify(0, state.c_str());
}

}  // namespace

ServiceNotifier::ServiceNotifier(ports::Clock& clock) : clock_(clock) {
  std::uint64_t period_us = 0;
  if (sd_watchdog_enabled(0, &period_us) > 0)  // asks also whether WATCHDOG_PID is this process
    feed_every_ =
        std::max(Millis{1}, std::chrono::duration_cast<Millis>(std::chrono::microseconds(period_us / 2)));
}

ServiceNotifier::~ServiceNotifier() {
  if (timer_ != 0) clock_.cancel(timer_);
}

void ServiceNotifier::ready(const std::string& status) {
  tell("READY=1\nSTATUS=" + status);
  if (feed_every_.count() > 0 && timer_ == 0) feed();
}

void ServiceNotifier::status(const std::string& status) {
  tell("STATUS=" + status);
}

void ServiceNotifier::stopping() {
  tell("STOPPING=1");
}

void ServiceNotifier::feed() {
  tell("WATCHDOG=1");
  timer_ = clock_.after(feed_every_, [this] { feed(); });
}

}  // namespace baton::runtime
