#pragma once

#include <string>

#include "common/ports/clock.h"

namespace baton::runtime {

/// Tells systemd (Type=notify, WatchdogSec=) how this daemon is. Without NOTIFY_SOCKET it does nothing.
/// The watchdog is fed by a timer of the owner's loop, so a loop that hangs is restarted.
/// Owner's thread only. The clock must outlive it.
class ServiceNotifier {
 public:
  explicit ServiceNotifier(ports::Clock&);
  ~ServiceNotifier();
  ServiceNotifier(const ServiceNotifier&) = delete;
  ServiceNotifier& operator=(const ServiceNotifier&) = delete;

  void ready(const std::string& status);   // it serves
  void status(const std::string& status);  // one line for `systemctl status`
  void stopping();                         // it drains

 private:
  void feed();

  ports::Clock& clock_;
  Millis feed_every_{0};  // 0: no watchdog
  ports::TimerId timer_ = 0;
};

}  // namespace baton::runtime
