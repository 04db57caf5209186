#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/ids.h"

/// One request and its answer as plain data: what the routes see of HTTP.
namespace baton::api {

struct Request {
  std::string method;             // "GET"
  std::vector<std::string> path;  // decoded: {"v1", "jobs", "7f3…"}
  std::map<std::string, std::string> query;
  std::string host;
  std::string content_type;
  std::string origin;  // of the web page that asks; empty: it is no web page
  std::string idempotency_key;
  std::string last_event_id;
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The answer is a stream of server-sent events: the history after an id, of one job or of all.
struct StreamAnswer {
  std::optional<JobId> job;
  std::uint64_t after_id = 0;  // ports::kFromNow: what happens from now on
};

using Answer = std::variant<Response, StreamAnswer>;

/// Called once, inline or later, on the owner's thread; safe after the client has gone.
using Reply = std::function<void(Answer)>;

}  // namespace baton::api
