#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "conductor/api/exchange.h"
#include "conductor/api/limits.h"
#include "conductor/api/request_reader.h"

namespace baton::api {

/// One client's connection: reads a request, asks the routes, writes the answer, and so on, one request at a
/// time. Every wait has a deadline; a client that breaks a bound is told and closed.
/// Life: kept alive by its own operations until the client goes or close(). A reply that comes later is
/// dropped.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Host {
    std::function<void(const Request&, Reply)> handle;
    /// Takes the socket over for a stream; false: there is no room.
    std::function<bool(boost::beast::tcp_stream&&, const StreamAnswer&)> stream;
    std::function<void(unsigned status)> answered;
    bool loopback_only = true;  // then a Host header must name a loopback address
  };

  Connection(boost::beast::tcp_stream, const Limits&, std::shared_ptr<const Host>,
             std::function<void()> on_end);
  ~Connection();

  void start() { read_head(); }
  /// Says 503 without reading anything.
  void refuse();
  void close();
  /// The request that is under way, if there is one, is the last: closes behind its answer.
  void finish();

 private:
  void read_head();
  void on_head();
  void read_body();
  void handle();
  void on_deadline(std::uint64_t request);
  void answer(Answer);
  void refuse_request(boost::system::error_code);
  void write(Response, bool keep_alive);
  void linger();

  boost::beast::tcp_stream socket_;
  const Limits limits_;
  const std::shared_ptr<const Host> host_;
  const std::function<void()> on_end_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  std::optional<boost::beast::http::response<boost::beast::http::string_body>> response_;
  boost::asio::steady_timer deadline_;
  std::size_t lingered_bytes_ = 0;
  std::uint64_t request_ = 0;  // counts them: a late reply belongs to an earlier one
  bool waiting_ = false;       // for the reply of request_
  bool idle_ = false;          // no request is under way
  bool last_ = false;          // finish() was called
  bool closed_ = false;        // replies that come later find nobody
};

}  // namespace baton::api
