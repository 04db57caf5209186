#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "common/model/result.h"
#include "conductor/api/exchange.h"
#include "conductor/api/limits.h"
#include "conductor/api/problem.h"

namespace baton::api {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

void bound(RequestParser&, const Limits&);

/// What is wrong with bytes that are no request; nullopt: nobody is told who has gone or said nothing.
std::optional<Problem> problem_of(boost::system::error_code, const Limits&);

/// What the routes see of a message; its body is moved out. Refused: what a web page in somebody's browser
/// could send across to a loopback address, and a target that is none. `loopback_only`: the Host must name a
/// loopback address.
Result<Request, Problem> read_request(boost::beast::http::request<boost::beast::http::string_body>&,
                                      bool loopback_only);

}  // namespace baton::api
