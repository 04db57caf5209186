#include "common/zookeeper/ensemble_look.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "common/zookeeper/awaited_session.h"

namespace baton::zookeeper {
namespace {

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
                              const std::vector<BoardPath>& boards, Millis deadline) {
  EnsembleLook look;
  look.hosts = hosts;
  AwaitedSession session(hosts, static_cast<int>(timeout.count()), nullptr);
  auto* const handle = session.handle();
  if (!handle) {
    look.trouble = std::string("no name of the list can be resolved: ") + std::strerror(errno);
    return look;
  }
  const int state = session.wait(std::chrono::steady_clock::now() + deadline);
  if (state == ZOO_CONNECTED_STATE) {
    look.server = server_of(handle);
    look.granted = Millis(zoo_recv_timeout(handle));
    for (const auto& path : paths) look.paths.push_back(look_at(handle, path));
    for (const auto& board : boards) look.boards.push_back(look_at_shards(handle, board));
  } else {
    look.trouble = state == ZOO_AUTH_FAILED_STATE
                       ? "the server refuses our authentication"
                       : "no session in " + std::to_string(deadline.count()) + " ms";
  }
  return look;
}

}  // namespace baton::zookeeper
