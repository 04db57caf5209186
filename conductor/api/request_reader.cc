#include "conductor/api/request_reader.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "conductor/api/loopback_host.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

namespace http = boost::beast::http;

std::string text(boost::beast::string_view from) {
  return {from.data(), from.size()};
}

std::optional<Problem> forbidden(const Request& request, bool loopback_only) {
  if (loopback_only && !names_loopback(request.host))
    return Problem{421,
                   "wrong-host",
                   "This address is not served here",
                   "the Host header is '" + request.host +
                       "', and the API listens on loopback only: ask for 127.0.0.1 or localhost",
                   {},
                   {}};
  if (request.method != "POST") return std::nullopt;
  const auto type = request.content_type.substr(0, request.content_type.find(';'));
  if (boost::beast::iequals(type, "application/json")) return std::nullopt;
  // Some clients send none; a page can leave it out too, but never the Origin of a request across.
  if (type.empty() && request.origin.empty()) return std::nullopt;
  const std::string given = type.empty() ? "there is no Content-Type" : "the Content-Type is '" + type + "'";
  return Problem{415,
                 "wrong-content-type",
                 "The body's type is not served",
                 given +
                     "; send JSON and say so: Content-Type: application/json (curl -d alone sends a web "
                     "form's type: add -H 'Content-Type: application/json', or use --json)",
                 {},
                 {}};
}

}  // namespace

void bound(RequestParser& parser, const Limits& limits) {
  parser.header_limit(limits.header_bytes_max);
  parser.body_limit(limits.body_bytes_max);
}

std::optional<Problem> problem_of(boost::system::error_code error, const Limits& limits) {
  if (error == http::error::body_limit)
    return Problem{413, "body-too-large", "The body is too large",
                   "a body may have " + std::to_string(limits.body_bytes_max) +
                       " bytes: keep large values elsewhere and post where they are"};
  if (error == http::error::header_limit)
    return Problem{431, "header-too-large", "The header is too large",
                   "a header may have " + std::to_string(limits.header_bytes_max) + " bytes"};
  if (error.category() != make_error_code(http::error::bad_target).category() ||
      error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  return bad_request("this is not HTTP/1.1: " + error.message());
}

Result<Request, Problem> read_request(http::request<http::string_body>& message, bool loopback_only) {
  Request request;
  request.method = text(message.method_string());
  request.host = text(message[http::field::host]);
  request.content_type = text(message[http::field::content_type]);
  request.origin = text(message[http::field::origin]);
  request.idempotency_key = text(message["Idempotency-Key"]);
  request.last_event_id = text(message["Last-Event-ID"]);
  request.body = std::move(message.body());
  if (auto refused = forbidden(request, loopback_only)) return Fail(*std::move(refused));
  if (auto read = read_target(text(message.target()), request); !read.ok()) return Fail(read.error());
  return request;
}

}  // namespace baton::api
