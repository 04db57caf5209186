#pragma once

#include <functional>
#include <memory>

#include "common/runtime/asio_loop.h"

namespace baton::runtime {

/// SIGTERM and SIGINT for a daemon: the first asks it to drain, every later one to stop at once. Both are
/// called on the owner's thread, until this is destroyed. SIGPIPE is ignored: a peer that went away is an
/// error of that write, not the end of the process. One a process.
class Signals {
 public:
  Signals(AsioLoop&, std::function<void()> on_drain, std::function<void()> on_stop);
  /// Every later one ends the process at once with this exit code, whatever the owner's thread does.
  Signals(AsioLoop&, std::function<void()> on_drain, int exit_code);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace baton::runtime
