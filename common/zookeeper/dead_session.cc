#include "common/zookeeper/dead_session.h"

#include <zookeeper/zookeeper.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace baton::zookeeper {
namespace {

using Moment = std::chrono::steady_clock::time_point;

/// What the client's thread says of the connection, for the thread that waits.
struct Connection {
  std::mutex mutex;
  std::condition_variable changed;
  int state = 0;

  /// Connected, ended, or 0 at the deadline.
  int wait(Moment deadline) {
    std::unique_lock lock(mutex);
    changed.wait_until(lock, deadline,
                       [&] { return state == ZOO_CONNECTED_STATE || state == ZOO_EXPIRED_SESSION_STATE; });
    return state == ZOO_CONNECTED_STATE || state == ZOO_EXPIRED_SESSION_STATE ? state : 0;
  }
};

void on_session(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* const connection = static_cast<Connection*>(context);
  const std::lock_guard lock(connection->mutex);
  connection->state = state;
  connection->changed.notify_all();
}

void swallow_log(const char*) {}

void ignore_answer(int, const char*, const void*) {}

constexpr Millis kPause{100};  // after a try that reached nobody

clientid_t client_id(const SessionIdentity& identity) {
  clientid_t id{};
  id.client_id = identity.id;
  std::memcpy(id.passwd, identity.password.data(), identity.password.size());
  return id;
}

/// One try: connected (noted, and the server has been asked to end it), expired, or 0: not reached.
int take_over_and_close(const SessionFile& dead, const std::string& note, Moment deadline) {
  Connection connection;
  const clientid_t id = client_id(dead.identity);
  auto* const handle =
      zookeeper_init2(dead.hosts.c_str(), on_session, static_cast<int>(dead.identity.timeout.count()), &id,
                      &connection, ZOO_NO_LOG_CLIENTENV, swallow_log);
  if (!handle) return 0;
  const int state = connection.wait(deadline);
  if (state == ZOO_CONNECTED_STATE && !dead.death_note.empty())
    // Sent before the close, in this order. Fails where no conductor ever ran, or when it is there: nobody
    // waits for it then.
    zoo_acreate(handle, dead.death_note.c_str(), note.data(), static_cast<int>(note.size()),
                &ZOO_OPEN_ACL_UNSAFE, 0, ignore_answer, nullptr);
  zookeeper_close(handle);
  return state;
}

}  // namespace

Result<void, std::string> end_dead_session(const SessionFile& dead, const std::string& note,
                                           Millis deadline) {
  const Moment end = std::chrono::steady_clock::now() + deadline;
  // Once is enough unless the answer was lost: until the server says that it knows the session no more.
  while (std::chrono::steady_clock::now() < end) {
    const int state = take_over_and_close(dead, note, end);
    if (state == ZOO_EXPIRED_SESSION_STATE) return {};
    if (state == 0) std::this_thread::sleep_for(kPause);
  }
  return Fail("ZooKeeper at " + dead.hosts + ": session " + session_hex(dead.identity.id) +
              " could not be ended in " + std::to_string(deadline.count()) +
              " ms; the server ends it after its timeout (" + std::to_string(dead.identity.timeout.count()) +
              " ms)");
}

}  // namespace baton::zookeeper
