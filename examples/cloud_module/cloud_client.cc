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
using baton::sdk::Cancelled;
using baton::sdk::Context;
using baton::sdk::TaskFailure;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::chrono::seconds kCallTimeout{30};

std::string address() {
  const char* given = std::getenv("BATON_EXAMPLE_CLOUD");
  return given ? given : "127.0.0.1:27090";
}

asio::ip::tcp::endpoint endpoint_of(const std::string& where) {
  const auto colon = where.rfind(':');
  beast::error_code code;
  const auto ip = asio::ip::make_address(where.substr(0, colon), code);
  if (code)
    throw TaskFailure("CloudUnreachable", "BATON_EXAMPLE_CLOUD is no address:port of loopback: " + where);
  return {ip, static_cast<unsigned short>(std::stoi(where.substr(colon + 1)))};
}

/// One request and its response, in one run of its own loop: stopping the loop gives it up at once.
class Exchange {
 public:
  explicit Exchange(const Request& request) : request_(request) {}

  enum class End { Answered, Failed, Stopped };
  End run(const asio::ip::tcp::endpoint& to) {
    stream_.expires_after(kCallTimeout);
    stream_.async_connect(to, [this](beast::error_code code) {
      if (!failed("connect", code)) send();
    });
    io_.run();
    return end_;
  }
  void stop() { io_.stop(); }  // from any thread, also before run()
  Response response;           // if Answered
  std::string problem;         // if Failed

 private:
  void send() {
    http::async_write(stream_, request_, [this](beast::error_code code, std::size_t) {
      if (!failed("send", code)) receive();
    });
  }
  void receive() {
    http::async_read(stream_, buffer_, response, [this](beast::error_code code, std::size_t) {
      if (!failed("receive", code)) end_ = End::Answered;
    });
  }
  bool failed(const char* step, beast::error_code code) {
    if (!code) return false;
    end_ = End::Failed;
    problem = std::string(step) + ": " + code.message();
    return true;
  }

  const Request& request_;
  asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
  End end_ = End::Stopped;
};

Response ask_cloud(const Context& context, const Request& request, const std::string& where) {
  const auto endpoint = endpoint_of(where);
  Exchange exchange(request);
  const auto hook = context.on_cancel([&exchange] { exchange.stop(); });
  switch (exchange.run(endpoint)) {
    case Exchange::End::Answered:
      return std::move(exchange.response);
    case Exchange::End::Stopped:
      throw Cancelled();
    case Exchange::End::Failed:
      break;
  }
  throw TaskFailure("CloudUnreachable", "the cloud at " + where + " does not answer (" + exchange.problem +
                                            "); is it running? BATON_EXAMPLE_CLOUD says where");
}

}  // namespace

Proof Proof::of(const baton::sdk::Context& context) {
  return {std::string(context.idempotency_key()), std::string(context.flow()) + "/" +
                                                      std::string(context.atom()) + "/" +
                                                      std::to_string(context.dispatch())};
}

boost::json::value call_cloud(const Context& context, const std::string& method, const std::string& target,
                              const Proof& proof, const boost::json::value& body) {
  const std::string where = address();
  Request request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, where);
  request.set("Fencing-Token", proof.fencing_token);
  if (!proof.idempotency_key.empty()) request.set("Idempotency-Key", proof.idempotency_key);
  if (!body.is_null()) request.body() = boost::json::serialize(body);
  request.prepare_payload();
  const auto response = ask_cloud(context, request, where);
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
