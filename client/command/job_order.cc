#include <pwd.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/job_follow.h"
#include "client/command/refusal.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// "user@host": whom the history names unless --who says otherwise.
std::string who_we_are() {
  const passwd* user = ::getpwuid(::getuid());
  std::array<char, 256> host{};
  const bool named = ::gethostname(host.data(), host.size() - 1) == 0;
  return (user ? std::string(user->pw_name) : "uid " + std::to_string(::getuid())) + "@" +
         (named ? host.data() : "unknown host");
}

bool is_row_of(const json::value& row, std::int64_t order) {
  const auto* taken = row.as_object().if_contains("order");
  return taken && taken->is_object() && number_of(*taken, "id") == order;
}

/// Until what was asked for is there.
class Waiting {
 public:
  Waiting(std::string order, std::int64_t id) : order_(std::move(order)), id_(id) {}

  std::optional<Ended> take(const json::value& row, const std::string& state) {
    taken_ = taken_ || is_row_of(row, id_);
    if (!taken_) return std::nullopt;
    if (order_ == "resume" || (order_ == "suspend" && state == "SUSPENDED")) return Ended::Success;
    return std::nullopt;
  }
  Ended end(const std::string& state) const {
    if (order_ == "cancel") return state == "CANCELLED" ? Ended::Success : Ended::FlowFailed;
    return order_ == "resume" && state == "SUCCESS" ? Ended::Success : Ended::FlowFailed;
  }

 private:
  const std::string order_;
  const std::int64_t id_;
  bool taken_ = false;
};

Ended wait_for(const Context& context, const OrderOptions& options, std::int64_t id) {
  Waiting waiting(options.order, id);
  return follow_job(context, options.uuid,
                    {.row = [&](const auto& row, const auto& state) { return waiting.take(row, state); },
                     .end = [&](const auto& state) { return waiting.end(state); },
                     .from_order = id});
}

}  // namespace

Ended order_job(const Context& context, const OrderOptions& options) {
  json::object body{{"order", options.order}, {"who", options.who.empty() ? who_we_are() : options.who}};
  if (!options.why.empty()) body["why"] = options.why;
  if (options.keep) body["keep"] = true;
  const auto answer = context.http.post(job_target(options.uuid) + "/orders", json::serialize(body), {});
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 202) return refuse(context, *answer);
  const auto id = number_of(answer->body, "id");
  if (id == 0) return refuse_shape(context, *answer);
  if (context.json)
    context.out << json::serialize(answer->body) << std::endl;
  else
    context.out << options.order << " recorded: order " << id << " of " << options.uuid << std::endl;
  return options.wait ? wait_for(context, options, id) : Ended::Success;
}

}  // namespace baton::client
