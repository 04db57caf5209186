#include "conductor/hooks/webhook.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/parse.hpp>
#include <chrono>
#include <optional>

#include "common/model/name_list.h"
#include "common/model/storable_text.h"

namespace baton::conductor {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Moment = std::chrono::steady_clock::time_point;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr Millis kStopLook{50};  // so soon a stop is noticed

struct Address {
  bool tls = false;
  std::string host, port, target;
  std::string shown() const { return (tls ? "https://" : "http://") + host + ":" + port; }
};

Address address_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  Address address;
  address.tls = parsed->scheme() == "https";
  address.host = parsed->host_address();
  address.port = parsed->has_port() ? std::string(parsed->port()) : address.tls ? "443" : "80";
  address.target = std::string(parsed->encoded_target());
  if (address.target.empty() || address.target[0] != '/') address.target.insert(0, "/");
  return address;
}

/// One exchange, operation after operation in this thread; each ends by itself, at the deadline, or at a
/// stop.
class Exchange {
 public:
  Exchange(const WebhookRequest& request, const std::atomic<bool>& stop)
      : request_(request),
        stop_(stop),
        address_(address_of(request.url)),
        deadline_(std::chrono::steady_clock::now() + request.timeout) {}

  std::string run() {
    error_code failed;
    asio::ip::tcp::resolver resolver(io_);
    const auto places = resolver.resolve(address_.host, address_.port, failed);
    if (failed) return trouble("its host has no address", failed);
    if (stop_) return trouble("not called", asio::error::operation_aborted);  // it may have taken long
    return address_.tls ? over_tls(places) : over_tcp(places);
  }

 private:
  using Places = asio::ip::tcp::resolver::results_type;

  std::string over_tcp(const Places& places) {
    beast::tcp_stream stream(io_);
    if (auto failed = connect(stream, places); !failed.empty()) return failed;
    return exchange(stream, stream);
  }

  std::string over_tls(const Places& places) {
    error_code failed;
    asio::ssl::context context(asio::ssl::context::tls_client);
    request_.ca_file.empty() ? context.set_default_verify_paths(failed)
                             : context.load_verify_file(request_.ca_file, failed);
    if (failed) return trouble("the certificates of authorities cannot be read", failed);
    TlsStream stream(io_, context);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(address_.host));
    // The macro SSL_set_tlsext_host_name, without its cast.
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(address_.host.c_str()));
    if (auto why = connect(stream.next_layer(), places); !why.empty()) return why;
    failed = wait(stream.next_layer(), [&](auto done) {
      stream.async_handshake(asio::ssl::stream_base::client, [done](error_code code) { done(code); });
    });
    if (failed) return trouble("no TLS session", failed);
    return exchange(stream, stream.next_layer());
  }

  std::string connect(beast::tcp_stream& stream, const Places& places) {
    const auto failed = wait(stream, [&](auto done) {
      stream.async_connect(places, [done](error_code code, const auto&) { done(code); });
    });
    return failed ? trouble("no connection", failed) : std::string();
  }

  template <class Stream>
  std::string exchange(Stream& stream, beast::tcp_stream& lowest) {
    http::request<http::string_body> request{http::verb::post, address_.target, 11};
    const std::string host =
        address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
    const bool usual = address_.port == (address_.tls ? "443" : "80");
    request.set(http::field::host, usual ? host : host + ":" + address_.port);
    request.set(http::field::user_agent, "baton-conductor");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    for (const auto& [name, value] : request_.headers) request.set(name, value);
    request.body() = request_.body;
    request.prepare_payload();
    auto failed = wait(lowest, [&](auto done) {
      http::async_write(stream, request, [done](error_code code, std::size_t) { done(code); });
    });
    if (failed) return trouble("the request could not be sent", failed);
    return answer(stream, lowest);
  }

  template <class Stream>
  std::string answer(Stream& stream, beast::tcp_stream& lowest) {
    beast::flat_buffer buffer(64 * 1024);
    http::response_parser<http::string_body> parser;
    parser.header_limit(16 * 1024);
    parser.body_limit(64 * 1024);
    auto failed = wait(lowest, [&](auto done) {
      http::async_read_header(stream, buffer, parser, [done](error_code code, std::size_t) { done(code); });
    });
    const bool too_large = failed == http::error::body_limit;  // its status is known all the same
    if (failed && !too_large) return trouble("no answer", failed);
    const unsigned status = parser.get().result_int();
    if (status >= 200 && status < 300) return {};
    if (!too_large)
      (void)wait(lowest, [&](auto done) {  // what it says helps people, and is not needed
        http::async_read(stream, buffer, parser, [done](error_code code, std::size_t) { done(code); });
      });
    std::string said = shown_name(storable_text(parser.get().body()), kAnswerBytesMax);
    std::string why = address_.shown() + " answered " + std::to_string(status);
    if (status >= 300 && status < 400) why += ": redirects are not followed";
    return said.empty() ? why : why + ": " + said;
  }

  template <class Start>
  error_code wait(beast::tcp_stream& stream, Start start) {
    std::optional<error_code> ended;
    start([&ended](error_code code) { ended = code; });
    bool cancelled = false;
    while (!ended) {
      if (!cancelled && (stop_ || std::chrono::steady_clock::now() >= deadline_)) {
        stream.cancel();
        cancelled = true;
      }
      io_.restart();
      io_.run_one_for(kStopLook);
    }
    if (cancelled && *ended) return stop_ ? asio::error::operation_aborted : asio::error::timed_out;
    return *ended;
  }

  std::string trouble(const char* what, const error_code& code) const {
    const bool late = code == asio::error::timed_out && std::chrono::steady_clock::now() >= deadline_;
    return address_.shown() + ": " + what + ": " +
           (late ? "not within " + std::to_string(request_.timeout.count()) + " ms" : code.message());
  }

  const WebhookRequest& request_;
  const std::atomic<bool>& stop_;
  const Address address_;
  const Moment deadline_;
  asio::io_context io_;
};

}  // namespace

std::string call_webhook(const WebhookRequest& request, const std::atomic<bool>& stop) {
  return Exchange(request, stop).run();
}

}  // namespace baton::conductor
