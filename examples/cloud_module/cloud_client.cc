#include "cloud_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdlib>

namespace examples {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using baton::sdk::TaskFailure;

constexpr std::chrono::seconds kCallTimeout{30};

std::string address() {
  const char* given = std::getenv("BATON_EXAMPLE_CLOUD");
  return given ? given : "127.0.0.1:27090";
}

/// One step of the exchange: runs the loop until it is over, or the stream's timeout has closed it.
beast::error_code finish(asio::io_context& io, beast::error_code& code) {
  io.restart();
  io.run();
  return code;
}

http::response<http::string_body> ask_cloud(const http::request<http::string_body>& request,
                                            const std::string& where) {
  const auto colon = where.rfind(':');
  asio::io_context io;
  beast::tcp_stream stream(io);
  beast::error_code code;
  const auto step = [&](const char* what) {
    if (finish(io, code))
      throw TaskFailure("CloudUnreachable", "the cloud at " + where + " does not answer (" + what + ": " +
                                                code.message() +
                                                "); is it running? BATON_EXAMPLE_CLOUD says where");
  };
  const auto ip = asio::ip::make_address(where.substr(0, colon), code);
  if (code)
    throw TaskFailure("CloudUnreachable", "BATON_EXAMPLE_CLOUD is no address:port of loopback: " + where);
  const asio::ip::tcp::endpoint endpoint(ip, static_cast<unsigned short>(std::stoi(where.substr(colon + 1))));
  stream.expires_after(kCallTimeout);
  stream.async_connect(endpoint, [&code](beast::error_code result) { code = result; });
  step("connect");
  http::async_write(stream, request, [&code](beast::error_code result, std::size_t) { code = result; });
  step("send");
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::async_read(stream, buffer, response,
                   [&code](beast::error_code result, std::size_t) { code = result; });
  step("receive");
  return response;
}

}  // namespace

Proof Proof::of(const baton::sdk::Context& context) {
  return {std::string(context.idempotency_key()), std::string(context.flow()) + "/" +
                                                      std::string(context.atom()) + "/" +
                                                      std::to_string(context.dispatch())};
}

boost::json::value call_cloud(const std::string& method, const std::string& target, const Proof& proof,
                              const boost::json::value& body) {
  const std::string where = address();
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, where);
  request.set("Fencing-Token", proof.fencing_token);
  if (!proof.idempotency_key.empty()) request.set("Idempotency-Key", proof.idempotency_key);
  if (!body.is_null()) request.body() = boost::json::serialize(body);
  request.prepare_payload();
  const auto response = ask_cloud(request, where);
  const std::string text = response.body();
  if (response.result_int() == 409)
    throw baton::sdk::StaleToken("the cloud has seen a later delivery of this atom; nothing was done");
  if (response.result_int() >= 300)
    throw TaskFailure("CloudRefused",
                      method + " " + target + ": " + std::to_string(response.result_int()) + " " + text,
                      {{"status", response.result_int()}});
  return boost::json::parse(text);
}

}  // namespace examples
