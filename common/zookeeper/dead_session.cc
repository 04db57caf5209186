#include "common/zookeeper/dead_session.h"

#include <zookeeper/zookeeper.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "common/zookeeper/awaited_session.h"

namespace baton::zookeeper {
namespace {

using Moment = AwaitedSession::Moment;

void ignore_answer(int, const char*, const void*) {}

constexpr Millis kPause{100};  // after a try that reached nobody

clientid_t client_id(const SessionIdentity& identity) {
  clientid_t id{};
  id.client_id = identity.id;
  std::memcpy(id.passwd, identity.password.data(), identity.password.size());
  return id;
}

/// One try: connected (noted, and the server has been asked to end it), expired, or else not reached.
int take_over_and_close(const SessionFile& dead, const std::string& note, Moment deadline) {
  const clientid_t id = client_id(dead.identity);
  AwaitedSession session(dead.hosts, static_cast<int>(dead.identity.timeout.count()), &id);
  auto* const handle = session.handle();
  if (!handle) return 0;
  const int state = session.wait(deadline);
  if (state == ZOO_CONNECTED_STATE && !dead.death_note.empty())
    // Sent before the close, in this order. Fails where no conductor ever ran, or when it is there: nobody
    // waits for it then.
    zoo_acreate(handle, dead.death_note.c_str(), note.data(), static_cast<int>(note.size()),
                &ZOO_OPEN_ACL_UNSAFE, 0, ignore_answer, nullptr);
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
    if (state != ZOO_CONNECTED_STATE) std::this_thread::sleep_for(kPause);
  }
  return Fail("ZooKeeper at " + dead.hosts + ": session " + session_hex(dead.identity.id) +
              " could not be ended in " + std::to_string(deadline.count()) +
              " ms; the server ends it after its timeout (" + std::to_string(dead.identity.timeout.count()) +
              " ms)");
}

}  // namespace baton::zookeeper
