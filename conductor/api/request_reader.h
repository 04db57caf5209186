#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/model/result.h"
#include "conductor/api/exchange.h"
#include "conductor/api/problem.h"

namespace baton::api {

/// What the routes see of a message; its body is moved out. Refused: what a web page in somebody's browser
/// could send across to a loopback address, and a target that is none. `loopback_only`: the Host must name a
/// loopback address.
Result<Request, Problem> read_request(boost::beast::http::request<boost::beast::http::string_body>&,
                                      bool loopback_only);

}  // namespace baton::api
