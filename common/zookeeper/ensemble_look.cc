#include "common/zookeeper/ensemble_look.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>

namespace baton::zookeeper {
namespace {

/// What the client's thread says of the connection, for the thread that waits.
struct Connection {
  std::mutex mutex;
  std::condition_variable changed;
  int state = 0;

  int wait(Millis deadline) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, deadline,
                     [&] { return state == ZOO_CONNECTED_STATE || state == ZOO_AUTH_FAILED_STATE; });
    return state;
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

std::string server_of(zhandle_t* handle) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  const auto* found = zookeeper_get_connected_host(handle, reinterpret_cast<sockaddr*>(&address), &length);
  if (!found) return {};
  char text[INET6_ADDRSTRLEN] = "";
  const bool six = found->sa_family == AF_INET6;
  const auto* four = reinterpret_cast<const sockaddr_in*>(found);
  const auto* wide = reinterpret_cast<const sockaddr_in6*>(found);
  ::inet_ntop(found->sa_family, six ? static_cast<const void*>(&wide->sin6_addr) : &four->sin_addr, text,
              sizeof text);
  const auto port = std::to_string(ntohs(six ? wide->sin6_port : four->sin_port));
  return six ? "[" + std::string(text) + "]:" + port : std::string(text) + ":" + port;
}

/// Whether some entry lets everybody do what Baton does with its folders.
bool open_to_all(const ACL_vector& list) {
  const int needed = ZOO_PERM_READ | ZOO_PERM_WRITE | ZOO_PERM_CREATE | ZOO_PERM_DELETE;
  for (int i = 0; i < list.count; ++i)
    if (std::string_view(list.data[i].id.scheme) == "world" && (list.data[i].perms & needed) == needed)
      return true;
  return false;
}

PathLook look_at(zhandle_t* handle, const std::string& path) {
  PathLook look{path};
  ACL_vector list{};
  ::Stat stat{};
  const int code = zoo_get_acl(handle, path.c_str(), &list, &stat);
  if (code == ZOK) {
    look.there = true;
    look.open = open_to_all(list);
    deallocate_ACL_vector(&list);
  } else if (code != ZNONODE) {
    look.trouble = zerror(code);
  }
  return look;
}

}  // namespace

EnsembleLook look_at_ensemble(const std::string& hosts, Millis timeout, const std::vector<std::string>& paths,
                              Millis deadline) {
  EnsembleLook look;
  look.hosts = hosts;
  Connection connection;
  auto* const handle = zookeeper_init2(hosts.c_str(), on_session, static_cast<int>(timeout.count()), nullptr,
                                       &connection, ZOO_NO_LOG_CLIENTENV, swallow_log);
  if (!handle) {
    look.trouble = std::string("no name of the list can be resolved: ") + std::strerror(errno);
    return look;
  }
  const int state = connection.wait(deadline);
  if (state == ZOO_CONNECTED_STATE) {
    look.server = server_of(handle);
    look.granted = Millis(zoo_recv_timeout(handle));
    for (const auto& path : paths) look.paths.push_back(look_at(handle, path));
  } else {
    look.trouble = state == ZOO_AUTH_FAILED_STATE
                       ? "the server refuses our authentication"
                       : "no session in " + std::to_string(deadline.count()) + " ms";
  }
  zookeeper_close(handle);
  return look;
}

}  // namespace baton::zookeeper
