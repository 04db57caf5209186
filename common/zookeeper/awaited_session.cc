#include "common/zookeeper/awaited_session.h"

namespace baton::zookeeper {
namespace {

void swallow_log(const char*) {}

bool is_told(int state) {
  return state == ZOO_CONNECTED_STATE || state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
}

}  // namespace

AwaitedSession::AwaitedSession(const std::string& hosts, int timeout_ms, const clientid_t* id)
    : handle_(zookeeper_init2(hosts.c_str(), on_session, timeout_ms, id, this, ZOO_NO_LOG_CLIENTENV,
                              swallow_log)) {}

AwaitedSession::~AwaitedSession() {
  if (handle_) zookeeper_close(handle_);
}

int AwaitedSession::wait(Moment deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return is_told(state_); });
  return is_told(state_) ? state_ : 0;
}

/// On the client's thread.
void AwaitedSession::on_session(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* const session = static_cast<AwaitedSession*>(context);
  const std::lock_guard lock(session->mutex_);
  session->state_ = state;
  session->changed_.notify_all();
}

}  // namespace baton::zookeeper
