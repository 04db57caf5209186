#pragma once

#include <array>
#include <memory>

#include "common/model/time.h"
#include "common/ports/executor.h"
#include "common/zookeeper/node.h"

namespace baton::zookeeper {

/// What names a session to the server. The password is a secret: never logged.
struct SessionIdentity {
  std::int64_t id = 0;
  std::array<char, 16> password{};
  Millis timeout{0};  // as granted
};

/// One handle of the C client (libzookeeper_mt): one session from its start to its end, and its requests.
/// Owner's thread only. Its own threads copy what came and post it to the executor, nothing else.
/// Life: callbacks that still wait when it is closed get SessionLost, posted. Closing sends what is queued
/// first and may block for up to 3 s (the library's bound) when the server does not read.
class Handle {
 public:
  enum class Event { Connected, Disconnected, Ended };
  using OnEvent = std::function<void(Event, const SessionIdentity&)>;

  /// Null with errno's words in `why` when the library refuses (a host name that does not resolve).
  static std::unique_ptr<Handle> open(const std::string& hosts, Millis timeout, ports::Executor&, OnEvent,
                                      std::string& why);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void create(const std::string& path, const std::string& data, NodeKind, Done<std::string>);
  void get(const std::string& path, Done<Node>, std::function<void()> on_change);  // on_change may be empty
  void exists(const std::string& path, Done<Stat>);
  void children(const std::string& path, Done<std::vector<std::string>>, std::function<void()> on_change);
  void set(const std::string& path, const std::string& data, std::int32_t version, Done<Stat>);
  void remove(const std::string& path, std::int32_t version, Done<void>);
  void multi(const std::vector<Op>&, Done<void>);
  void sync(const std::string& path, Done<void>);

 private:
  struct Impl;
  explicit Handle(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::zookeeper
