#pragma once

#include <string>
#include <variant>

#include "common/model/order.h"
#include "conductor/api/problem.h"

namespace baton::api {

/// The body of POST /v1/jobs/{uuid}/orders, understood:
///   {"order": "suspend" | "resume" | "cancel", "who": …, "reason": …}; of a cancel also "keep": true
///   {"order": "rerun", "anew": true, …} | {"order": "retry" | "skip", "atom": …, …}
///   {"order": "done", "atom": …, "result": …, …}; of these also "run": the one that has ended
/// "why" is an older name of "reason". Unknown members and wrong types are refused.
struct OrderBody {
  Order order;
  std::uint32_t run = 0;  // 0: not said
};
std::variant<OrderBody, Problem> read_order_body(const std::string& body);

}  // namespace baton::api
