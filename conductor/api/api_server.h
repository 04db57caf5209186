#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/model/result.h"
#include "conductor/api/backend.h"
#include "conductor/api/limits.h"

namespace boost::asio {
class io_context;
}

namespace baton::api {

/// Where to listen. The API has no logins: any address but a loopback one belongs behind something that has.
struct ApiSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 27080;  // 0: any that is free
  Limits limits;
};

/// The conductor's HTTP side (docs/api.md).
/// Life: made by main on the owner's io_context; open() once; close() or the destructor ends every
/// connection. Place: reads FlowStore, JobBoard and the conductor's Inspection, posts to the board, and
/// changes nothing else. Threads: the owner's only; no thread of its own.
class ApiServer {
 public:
  ApiServer(boost::asio::io_context&, ApiSettings, const Backend&);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// Listens. The error is for people: which address, why, what to do.
  Result<void, std::string> open();
  std::uint16_t port() const;  // that it listens on, after open()
  /// Takes no new connections, lets the requests that are under way have their answers (at most
  /// finish_timeout long) and ends what is left; then `done`, once, unless close() comes before.
  void finish(std::function<void()> done);
  /// Takes no new connections and ends those that are there; replies that come later are dropped.
  void close();

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace baton::api
