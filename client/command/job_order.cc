#include <pwd.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <optional>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/job_follow.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/terminal_text.h"
#include "common/model/value.h"

namespace baton::client {
namespace {

namespace json = boost::json;

bool is_row_of(const json::value& row, std::int64_t order) {
  const auto* taken = row.as_object().if_contains("order");
  return taken && taken->is_object() && whole_number_of(*taken, "id") == order;
}

/// Until what was asked for is there.
class Waiting {
 public:
  Waiting(std::string order, std::string atom, std::int64_t id)
      : order_(std::move(order)), atom_(std::move(atom)), id_(id) {}

  std::optional<Ended> take(const json::value& row, const std::string& state) {
    taken_ = taken_ || is_row_of(row, id_);
    if (!taken_) return std::nullopt;
    learn_direction(row);
    if (order_ == "resume" || (order_ == "suspend" && state == "SUSPENDED")) return Ended::Success;
    return std::nullopt;
  }
  Ended end(const std::string& state) const {
    if (order_ == "cancel") return state == "CANCELLED" ? Ended::Success : Ended::FlowFailed;
    // A rollback that goes on has done what it is for when it is complete.
    const bool undone = undoes_ == true && state == "REVERTED";
    return order_ != "suspend" && (state == "SUCCESS" || undone) ? Ended::Success : Ended::FlowFailed;
  }

 private:
  /// What the atom does first is its revert, if that is what was tried again or skipped.
  void learn_direction(const json::value& row) {
    const auto state = text_of(row, "state");
    if (undoes_ || state.empty() || order_ == "done" || text_of(row, "atom") != atom_) return;
    if (!atom_.empty()) undoes_ = state == "REVERTING" || state == "REVERTED";
  }

  const std::string order_, atom_;
  const std::int64_t id_;
  bool taken_ = false;
  std::optional<bool> undoes_;
};

Ended wait_for(const Context& context, const OrderOptions& options, const json::value& record) {
  const auto id = whole_number_of(record, "id");
  Waiting waiting(options.order, options.atom, id);
  return follow_job(context, options.uuid,
                    {.row = [&](const auto& row, const auto& state) { return waiting.take(row, state); },
                     .end = [&](const auto& state) { return waiting.end(state); },
                     .from_order = id,
                     .run = whole_number_of(record, "run")});
}

/// A result is sent as it was written.
std::string body_of(const OrderOptions& options) {
  json::object body{{"order", options.order}, {"who", options.who.empty() ? who_we_are() : options.who}};
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (options.keep) body["keep"] = true;
  if (options.anew) body["anew"] = true;
  if (options.run > 0) body["run"] = options.run;
  if (!options.atom.empty()) body["atom"] = options.atom;
  std::string text = json::serialize(body);
  if (!options.result.empty()) text.replace(text.size() - 1, 1, ",\"result\":" + options.result + "}");
  return text;
}

void print_order(const Context& context, const OrderOptions& options, const json::value& order) {
  if (context.json) return print_value(context, order);
  if (options.dry_run)
    context.out << options.order << " would be recorded for run " << whole_number_of(order, "run") << " of "
                << options.uuid << "; nothing was changed" << std::endl;
  else
    context.out << options.order << " recorded: order " << whole_number_of(order, "id") << " of "
                << options.uuid << std::endl;
  if (const auto warning = text_of(order, "warning"); !warning.empty())
    context.err << "baton: " << for_terminal(warning) << std::endl;
}

}  // namespace

std::string who_we_are() {
  const passwd* user = ::getpwuid(::getuid());
  std::array<char, 256> host{};
  const bool named = ::gethostname(host.data(), host.size() - 1) == 0;
  return (user ? std::string(user->pw_name) : "uid " + std::to_string(::getuid())) + "@" +
         (named ? host.data() : "unknown host");
}

Ended order_job(const Context& context, const OrderOptions& options) {
  if (!options.result.empty())
    if (const auto result = Value::parse(options.result); !result.ok())
      return refuse_usage(context, "--result is no JSON that can be kept, at byte " +
                                       std::to_string(result.error().offset) + ": " + result.error().message +
                                       "; a text stands in quotes: '\"text\"'");
  const auto target = job_target(options.uuid) + "/orders" + (options.dry_run ? "?dry_run=true" : "");
  const auto answer = context.http.post(target, body_of(options), {});
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != (options.dry_run ? 200 : 202)) return refuse(context, *answer);
  if (text_of(answer->body, "order").empty()) return refuse_shape(context, *answer);
  print_order(context, options, answer->body);
  return options.wait && !options.dry_run ? wait_for(context, options, answer->body) : Ended::Success;
}

}  // namespace baton::client
