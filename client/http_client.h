#pragma once

#include <boost/json/parse_options.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/limits.h"
#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::client {

/// No conductor answered: which were tried, why, and what to do.
struct Unreachable {
  std::string message;
};

struct Answer {
  unsigned status = 0;
  boost::json::value body;   // null where it is no JSON
  std::string content_type;  // as it says
  std::string from, asked;   // "127.0.0.1:27080", "GET /v1/jobs"
};

/// Of what conductors say: values stand in others there.
inline constexpr boost::json::parse_options kParseOptions = [] {
  boost::json::parse_options options;
  options.max_depth = 2 * kValueDepthMax;
  return options;
}();

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Speaks HTTP/1.1 with the conductors' API: blocking, one thread. Addresses are tried in order until one
/// answers; a request is repeated at another only if it was not sent, or carries an Idempotency-Key.
class HttpClient {
 public:
  explicit HttpClient(std::vector<std::string> addresses, Millis timeout = Millis{30'000});

  Result<Answer, Unreachable> get(const std::string& target) const { return call("GET", target, "", {}); }
  Result<Answer, Unreachable> post(const std::string& target, const std::string& body,
                                   const Headers& headers) const {
    return call("POST", target, body, headers);
  }

  /// Reads a stream of events until the server ends it, `on_bytes` says false, or the connection breaks
  /// (Unreachable). An answer that is no such stream is given back without its body, unless that is a
  /// problem's.
  Result<Answer, Unreachable> stream(const std::string& target, const Headers&,
                                     const std::function<bool(std::string_view bytes)>& on_bytes) const;

  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  Result<Answer, Unreachable> call(const std::string& method, const std::string& target,
                                   const std::string& body, const Headers&) const;

  std::vector<std::string> addresses_;
  Millis timeout_;
};

}  // namespace baton::client
