#pragma once

#include <zookeeper/zookeeper.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace baton::zookeeper {

/// A session of one thread that has nothing else to do than to wait for it: of tools, not of daemons.
/// Life: closes the session as it ends.
class AwaitedSession {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// `id`: of a session that is to be taken over; null: a new one.
  AwaitedSession(const std::string& hosts, int timeout_ms, const clientid_t* id);
  ~AwaitedSession();
  AwaitedSession(const AwaitedSession&) = delete;
  AwaitedSession& operator=(const AwaitedSession&) = delete;

  /// Null: no name of the list can be resolved (errno).
  zhandle_t* handle() const { return handle_; }
  /// Connected, expired, or refused (ZOO_AUTH_FAILED_STATE); 0 at the deadline.
  int wait(Moment deadline);

 private:
  static void on_session(zhandle_t*, int type, int state, const char*, void* context);

  std::mutex mutex_;
  std::condition_variable changed_;
  int state_ = 0;
  zhandle_t* handle_;
};

}  // namespace baton::zookeeper
