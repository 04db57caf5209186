#pragma once

#include <string>
#include <variant>

#include "common/model/order.h"
#include "conductor/api/problem.h"

namespace baton::api {

/// The body of POST /v1/jobs/{uuid}/orders, understood:
///   {"order": "suspend" | "resume" | "cancel", "who": …, "why": …}; of a cancel also "keep": true
/// Unknown members and wrong types are refused.
std::variant<Order, Problem> read_order_body(const std::string& body);

}  // namespace baton::api
