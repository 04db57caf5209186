#include "examples/cloud/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>

namespace baton::example_cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response respond(const Request& request, const Reply& reply) {
  Response response{static_cast<http::status>(reply.status), request.version()};
  response.set(http::field::content_type, "application/json");
  response.body() = boost::json::serialize(reply.body) + "\n";
  response.keep_alive(request.keep_alive());
  response.prepare_payload();
  return response;
}

/// The call, or the reply to what is none.
std::variant<Call, Reply> read_call(const Request& request) {
  const auto target = boost::urls::parse_origin_form({request.target().data(), request.target().size()});
  if (!target) return Reply{400, boost::json::object{{"error", "target"}}, Millis{0}};
  Call call;
  call.method = std::string(request.method_string());
  call.path = std::string(target->encoded_path().decode());
  for (const auto& parameter : target->params()) call.query.emplace(parameter.key, parameter.value);
  call.key = std::string(request["Idempotency-Key"]);
  call.token = std::string(request["Fencing-Token"]);
  if (request.body().empty()) return call;
  boost::json::error_code code;
  call.body = boost::json::parse(request.body(), code);
  if (code) return Reply{400, boost::json::object{{"error", "json"}, {"message", code.message()}}, Millis{0}};
  return call;
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  struct Session;

  Impl(asio::io_context& io, std::function<Reply(const Call&)> answer)
      : acceptor(io), handle(std::move(answer)) {}

  void accept();

  tcp::acceptor acceptor;
  std::function<Reply(const Call&)> handle;
  std::size_t connections = 0;
};

struct HttpServer::Impl::Session : std::enable_shared_from_this<Session> {
  Session(tcp::socket socket, std::shared_ptr<Impl> owner)
      : stream(std::move(socket)), pause(stream.get_executor()), server(std::move(owner)) {
    ++server->connections;
  }
  ~Session() { --server->connections; }

  void read() {
    parser.emplace();
    parser->body_limit(kBodyBytesMax);
    http::async_read(stream, buffer, *parser,
                     [self = shared_from_this()](beast::error_code code, std::size_t) {
                       if (code == http::error::body_limit)
                         return self->write(Reply{413, boost::json::object{{"error", "size"}}, Millis{0}});
                       if (!code) self->answer();
                     });
  }

  void answer() {
    const auto call = read_call(parser->get());
    const auto* asked = std::get_if<Call>(&call);
    const Reply reply = asked ? server->handle(*asked) : std::get<Reply>(call);
    if (reply.after.count() == 0) return write(reply);
    pause.expires_after(reply.after);
    pause.async_wait([self = shared_from_this(), reply](beast::error_code code) {
      if (!code) self->write(reply);
    });
  }

  void write(const Reply& reply) {
    response = respond(parser->get(), reply);
    http::async_write(stream, response, [self = shared_from_this()](beast::error_code code, std::size_t) {
      if (!code && self->response.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream;
  asio::steady_timer pause;
  std::shared_ptr<Impl> server;
  beast::flat_buffer buffer;
  std::optional<http::request_parser<http::string_body>> parser;
  Response response;
};

void HttpServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](beast::error_code code, tcp::socket socket) {
    if (code) return;
    if (self->connections < kConnectionsMax) std::make_shared<Session>(std::move(socket), self)->read();
    self->accept();
  });
}

HttpServer::HttpServer(asio::io_context& io, std::uint16_t port, std::function<Reply(const Call&)> handle,
                       std::string& failure)
    : impl_(std::make_shared<Impl>(io, std::move(handle))) {
  beast::error_code code;
  const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  impl_->acceptor.open(where.protocol(), code);
  if (!code) impl_->acceptor.set_option(asio::socket_base::reuse_address(true), code);
  if (!code) impl_->acceptor.bind(where, code);
  if (!code) impl_->acceptor.listen(asio::socket_base::max_listen_connections, code);
  if (code) failure = "cannot listen at 127.0.0.1:" + std::to_string(port) + ": " + code.message();
  if (!code) impl_->accept();
}

HttpServer::~HttpServer() {
  beast::error_code ignored;
  impl_->acceptor.close(ignored);
}

std::uint16_t HttpServer::port() const {
  return impl_->acceptor.local_endpoint().port();
}

}  // namespace baton::example_cloud
