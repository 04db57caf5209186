#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "examples/cloud/cloud.h"

namespace boost::asio {
class io_context;
}

namespace baton::example_cloud {

/// Serves a Cloud over HTTP/1.1 on loopback. One thread: the io_context's. Bounds: kConnectionsMax
/// connections (further ones are closed at once), kBodyBytesMax a request (then 413).
class HttpServer {
 public:
  static constexpr std::size_t kConnectionsMax = 1024;
  static constexpr std::size_t kBodyBytesMax = 256 * 1024;

  /// port 0: any free one. `failure` says why it cannot listen; empty: it does.
  HttpServer(boost::asio::io_context&, std::uint16_t port, std::function<Reply(const Call&)>,
             std::string& failure);
  ~HttpServer();
  std::uint16_t port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace baton::example_cloud
