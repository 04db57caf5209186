#include "conductor/api/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "conductor/api/problem.h"
#include "conductor/api/request_reader.h"

namespace baton::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kLingerBytesMax = 16 * kMiB;

Problem too_many(const std::string& what, std::size_t bound) {
  return {503,
          "too-many",
          "Too many " + what,
          "this conductor serves " + std::to_string(bound) + " " + what +
              " at once, and so many are there: ask again later, or ask another conductor",
          {},
          {{"Retry-After", "1"}}};
}

}  // namespace

Connection::Connection(boost::beast::tcp_stream socket, const Limits& limits,
                       std::shared_ptr<const Host> host, std::function<void()> on_end)
    : socket_(std::move(socket)),
      limits_(limits),
      host_(std::move(host)),
      on_end_(std::move(on_end)),
      deadline_(socket_.get_executor()) {}

Connection::~Connection() {
  on_end_();
}

void Connection::close() {
  closed_ = true;
  deadline_.cancel();
  socket_.close();
}

void Connection::finish() {
  last_ = true;
  if (idle_) close();
}

void Connection::refuse() {
  write(to_response(too_many("connections", limits_.connections_max)), false);
}

void Connection::read_head() {
  parser_.emplace();
  bound(*parser_, limits_);
  socket_.expires_after(limits_.request_timeout);
  idle_ = true;
  http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](auto error, std::size_t) {
    self->idle_ = false;
    if (error) return self->refuse_request(error);
    self->on_head();
  });
}

void Connection::on_head() {
  if (parser_->content_length_remaining().value_or(0) > limits_.body_bytes_max)
    return refuse_request(http::error::body_limit);
  if (!boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) return read_body();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](auto error, std::size_t) {
    if (!error) self->read_body();
  });
}

void Connection::read_body() {
  socket_.expires_after(limits_.request_timeout);
  http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](auto error, std::size_t) {
    if (error) return self->refuse_request(error);
    self->handle();
  });
}

void Connection::refuse_request(boost::system::error_code error) {
  const auto problem = problem_of(error, limits_);
  return problem ? write(to_response(*problem), false) : close();
}

void Connection::handle() {
  if (closed_) return;  // between the last byte and this turn
  waiting_ = true;
  const std::uint64_t number = ++request_;
  auto request = read_request(parser_->get(), host_->loopback_only);
  if (!request.ok()) return answer(to_response(request.error()));
  socket_.expires_never();
  deadline_.expires_after(limits_.answer_timeout);
  deadline_.async_wait([weak = weak_from_this(), number](auto error) {
    const auto self = weak.lock();
    if (self && !error) self->on_deadline(number);
  });
  // The reply keeps the connection: its client waits, and nothing else is under way on the socket.
  host_->handle(*request, [self = shared_from_this(), number](Answer reply) {
    if (self->waiting_ && self->request_ == number) self->answer(std::move(reply));
  });
}

void Connection::on_deadline(std::uint64_t request) {
  if (!waiting_ || request_ != request) return;
  answer(to_response({504, "no-answer", "The answer took too long",
                      "what the answer needs (database or board) did not come within " +
                          std::to_string(limits_.answer_timeout.count()) +
                          " ms: ask again; a post with an Idempotency-Key is never done twice"}));
}

void Connection::answer(Answer answer) {
  waiting_ = false;
  if (closed_) return;
  deadline_.cancel();
  const bool keep_alive = parser_->get().keep_alive();
  if (auto* response = std::get_if<Response>(&answer)) return write(std::move(*response), keep_alive);
  if (host_->stream(std::move(socket_), std::get<StreamAnswer>(answer))) return host_->answered(200);
  write(to_response(too_many("streams", limits_.streams_max)), keep_alive);
}

void Connection::write(Response answer, bool keep_alive) {
  if (closed_) return;
  keep_alive = keep_alive && !last_;
  host_->answered(answer.status);
  auto& response = response_.emplace();
  response.version(11);
  response.result(answer.status);
  response.set(http::field::server, "baton");
  response.set(http::field::cache_control, "no-store");
  if (!answer.content_type.empty()) response.set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.keep_alive(keep_alive);
  response.body() = std::move(answer.body);
  response.prepare_payload();
  socket_.expires_after(limits_.answer_timeout);
  http::async_write(socket_, response, [self = shared_from_this(), keep_alive](auto error, std::size_t) {
    if (error) return self->close();
    if (keep_alive && !self->last_) return self->read_head();
    boost::system::error_code ignored;
    self->socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    self->socket_.expires_after(self->limits_.linger_timeout);
    self->linger();
  });
}

/// Closing with unread bytes would reset the connection, and the client might lose the answer.
void Connection::linger() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(16 * kKiB),
                          [self = shared_from_this()](auto error, std::size_t bytes) {
                            self->lingered_bytes_ += bytes;
                            if (error || self->lingered_bytes_ > kLingerBytesMax) return self->close();
                            self->linger();
                          });
}

}  // namespace baton::api
