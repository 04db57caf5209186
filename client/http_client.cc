#include "client/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <optional>

namespace baton::client {
namespace {

/// The server says something every 15 s, if only a comment: who is silent for so long is gone.
constexpr std::chrono::seconds kStreamSilenceMax{45};

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

/// One connection; every step is bounded by the timeout.
class Connection {
 public:
  explicit Connection(Millis timeout) : timeout_(timeout) {}

  beast::error_code connect(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return asio::error::invalid_argument;
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);  // IPv6
    asio::ip::tcp::resolver resolver(io_);
    beast::error_code code;
    const auto found = resolver.resolve(host, address.substr(colon + 1), code);
    if (code) return code;
    stream_.expires_after(timeout_);
    stream_.async_connect(
        found, [&code](beast::error_code result, const asio::ip::tcp::endpoint&) { code = result; });
    return run(code);
  }

  beast::error_code send(const http::request<http::string_body>& request) {
    beast::error_code code;
    stream_.expires_after(timeout_);
    http::async_write(stream_, request, [&code](beast::error_code result, std::size_t) { code = result; });
    return run(code);
  }

  template <class Parser>
  beast::error_code receive(Parser& parser) {
    beast::error_code code;
    stream_.expires_after(timeout_);
    http::async_read(stream_, buffer_, parser,
                     [&code](beast::error_code result, std::size_t) { code = result; });
    return run(code);
  }

  template <class Parser>
  beast::error_code receive_header(Parser& parser) {
    beast::error_code code;
    stream_.expires_after(timeout_);
    http::async_read_header(stream_, buffer_, parser,
                            [&code](beast::error_code result, std::size_t) { code = result; });
    return run(code);
  }

  template <class Parser>
  beast::error_code receive_some(Parser& parser) {
    beast::error_code code;
    stream_.expires_after(kStreamSilenceMax);
    http::async_read_some(stream_, buffer_, parser,
                          [&code](beast::error_code result, std::size_t) { code = result; });
    return run(code);
  }

 private:
  beast::error_code run(const beast::error_code& code) {
    io_.restart();
    io_.run();
    return code;
  }

  asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
  Millis timeout_;
};

http::request<http::string_body> make_request(const std::string& method, const std::string& target,
                                              const std::string& host, const std::string& body,
                                              const Headers& headers) {
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, host);
  request.set(http::field::connection, "close");
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  return request;
}

boost::json::value json_or_null(const std::string& text) {
  boost::json::error_code code;
  auto value = boost::json::parse(text, code, {}, kParseOptions);
  return code ? boost::json::value() : value;
}

Unreachable nobody(const std::string& tried) {
  return {"no conductor answers:" + tried +
          "\n  hint: is one running? `make demo` starts a cluster; --api, --profile or BATON_API says "
          "where it is"};
}

constexpr std::size_t kProblemBytesMax = 1u << 20;
constexpr std::size_t kBodyBytesMax = 256u << 20;  // a page of the API is far smaller

template <class Parser>
Answer to_answer(const Parser& parser, const std::string& from, std::string asked) {
  const auto& response = parser.get();
  return {response.result_int(), json_or_null(response.body()),
          std::string(response[http::field::content_type]), from, std::move(asked)};
}

}  // namespace

HttpClient::HttpClient(std::vector<std::string> addresses, Millis timeout)
    : addresses_(std::move(addresses)), timeout_(timeout) {}

Result<Answer, Unreachable> HttpClient::call(const std::string& method, const std::string& target,
                                             const std::string& body, const Headers& headers) const {
  bool repeatable = method == "GET";
  for (const auto& [name, value] : headers) repeatable = repeatable || name == "Idempotency-Key";
  std::string tried;
  for (const auto& address : addresses_) {
    Connection connection(timeout_);
    auto code = connection.connect(address);
    const bool sent = !code;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kBodyBytesMax);
    if (!code) code = connection.send(make_request(method, target, address, body, headers));
    if (!code) code = connection.receive(parser);
    if (!code) return to_answer(parser, address, method + " " + target);
    tried += "\n  " + address + ": " + code.message();
    if (sent && !repeatable)
      return Fail(Unreachable{"the answer was lost, it may have been done:" + tried +
                              "\n  hint: look with `baton list`; with --key a repeated post is harmless"});
  }
  return Fail(nobody(tried));
}

Result<Answer, Unreachable> HttpClient::stream(const std::string& target, const Headers& headers,
                                               const std::function<bool(std::string_view)>& on_bytes) const {
  std::string tried;
  for (const auto& address : addresses_) {
    Connection connection(timeout_);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    auto code = connection.connect(address);
    if (!code) code = connection.send(make_request("GET", target, address, "", headers));
    if (!code) code = connection.receive_header(parser);
    if (code) {
      tried += "\n  " + address + ": " + code.message();
      continue;
    }
    const std::string asked = "GET " + target;
    const auto head = to_answer(parser, address, asked);
    if (head.status == 200 && !head.content_type.starts_with("text/event-stream")) return head;
    while (!code && !parser.is_done()) {
      code = connection.receive_some(parser);
      if (head.status != 200) {
        if (parser.get().body().size() > kProblemBytesMax) return head;
        continue;
      }
      const std::string bytes = std::exchange(parser.get().body(), {});
      if (!bytes.empty() && !on_bytes(bytes)) return head;
    }
    if (head.status != 200) return to_answer(parser, address, asked);
    if (!code || code == http::error::end_of_stream) return head;
    return Fail(Unreachable{"the stream broke off: " + address + ": " + code.message()});
  }
  return Fail(nobody(tried));
}

}  // namespace baton::client
