#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>

#include "common/runtime/asio_loop.h"

namespace baton::test {

struct HttpAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  boost::json::value json() const;
  /// Of problem details: "" where it is none.
  std::string problem() const;  // the type behind "urn:baton:problem:"
  std::string detail() const;
};

/// A raw HTTP client on the test's own loop: says what it is told and keeps every byte that comes.
class HttpPeer {
 public:
  HttpPeer(runtime::AsioLoop&, std::uint16_t port);

  void say(std::string bytes);
  /// Runs the loop until the server has closed; false: it has not within the limit.
  bool wait_closed();
  /// Runs the loop until the bytes hold the text.
  bool wait_for(const std::string& text);
  const std::string& received() const { return state_->received; }
  bool closed() const { return state_->closed; }
  void close();
  HttpAnswer answer() const;

 private:
  struct State {
    explicit State(boost::asio::io_context& loop) : socket(loop) {}
    boost::asio::ip::tcp::socket socket;
    std::array<char, 64 * 1024> buffer{};
    std::string received;
    bool closed = false;
  };
  static void read(std::shared_ptr<State>);

  runtime::AsioLoop& loop_;
  std::shared_ptr<State> state_;
};

/// "GET /v1/jobs HTTP/1.1" with Host, Connection: close and a body if there is one. A header that is given as
/// "" is left out.
std::string http_request(const std::string& method, const std::string& target, const std::string& body = "",
                         const std::map<std::string, std::string>& headers = {});

}  // namespace baton::test
