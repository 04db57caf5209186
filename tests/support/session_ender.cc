#include "tests/support/session_ender.h"

#include <zookeeper/zookeeper.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>

namespace baton::test {
namespace {

struct Connection {
  std::mutex mutex;
  std::condition_variable changed;
  int state = 0;
};

void on_session(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* const connection = static_cast<Connection*>(context);
  const std::lock_guard lock(connection->mutex);
  connection->state = state;
  connection->changed.notify_all();
}

void swallow_log(const char*) {}

constexpr int kTriesMax = 100;

/// What the server said to the session: connected (then it has been asked to close it) or expired.
int take_over_and_close(const std::string& hosts, int timeout, const clientid_t& identity) {
  Connection connection;
  auto* const handle = zookeeper_init2(hosts.c_str(), on_session, timeout, &identity, &connection,
                                       ZOO_NO_LOG_CLIENTENV, swallow_log);
  REQUIRE(handle != nullptr);
  int state = 0;
  {
    std::unique_lock lock(connection.mutex);
    connection.changed.wait_for(lock, std::chrono::seconds(10), [&] {
      return connection.state == ZOO_CONNECTED_STATE || connection.state == ZOO_EXPIRED_SESSION_STATE;
    });
    state = connection.state;
  }
  zookeeper_close(handle);
  return state;
}

}  // namespace

void end_session_of_file(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  const auto value = boost::json::parse(text.str());
  const auto& object = value.as_object();
  clientid_t identity{};
  identity.client_id =
      static_cast<std::int64_t>(std::stoull(std::string(object.at("session").as_string()), nullptr, 16));
  const std::string password(object.at("password").as_string());
  REQUIRE(password.size() == 32);
  for (std::size_t i = 0; i < 16; ++i)
    identity.passwd[i] = static_cast<char>(std::stoul(password.substr(i * 2, 2), nullptr, 16));
  const std::string hosts(object.at("hosts").as_string());
  const auto timeout = static_cast<int>(object.at("timeout_ms").as_int64());
  // A living owner may take it back before the close is done: until the server knows it no more.
  for (int tries = 0; tries < kTriesMax; ++tries)
    if (take_over_and_close(hosts, timeout, identity) == ZOO_EXPIRED_SESSION_STATE) return;
  FAIL("the session of " << file << " could not be ended in " << kTriesMax << " tries");
}

}  // namespace baton::test
