#include "conductor/api/order_body.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <limits>

#include "common/model/json_view.h"
#include "common/model/name_list.h"
#include "common/model/value.h"
#include "conductor/api/text_member.h"

namespace baton::api {
namespace {

namespace json = boost::json;

constexpr const char* kMembers = "order, who, reason, keep, anew, atom, result, run";
constexpr const char* kOrders = "suspend, resume, cancel, rerun, retry, skip, done";
constexpr std::array<std::string_view, 9> kKnown{"order", "who",  "reason", "why", "keep",
                                                 "anew",  "atom", "result", "run"};

/// Collects what is wrong while the members are read.
class Reader {
 public:
  Reader(const Value& body, const json::object& object) : body_(body), object_(object) {}

  std::variant<OrderBody, Problem> read() {
    for (const auto& member : object_)
      if (const std::string_view name = member.key();
          std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
        refuse(name, "member '" + std::string(name) + "' is not known; known: " + kMembers);
    read_kind();
    order_.who = text("who", 1, kOrderWhoBytesMax);
    read_reason();
    read_keep();
    read_atom();
    read_result();
    read_run();
    if (problems_.empty()) return OrderBody{order_, run_};
    return bad_body("bad-order", "The order cannot be taken", std::move(problems_));
  }

 private:
  void refuse(std::string_view member, std::string detail) {
    problems_.push_back({"/" + std::string(member), std::move(detail)});
  }

  void read_kind() {
    const auto* value = object_.if_contains("order");
    const auto* string = value ? value->if_string() : nullptr;
    const auto kind = string ? order_kind_from({string->data(), string->size()}) : std::nullopt;
    if (kind) return void(order_.kind = *kind);
    refuse("order",
           (value ? "order " + shown_name(json::serialize(*value)) + " is not known" : "'order' is missing") +
               std::string("; known: ") + kOrders);
  }

  std::string text(const char* name, std::size_t least, std::size_t most) {
    auto read = text_member(object_, name, least, most);
    if (read.ok()) return std::move(read).value();
    refuse(name, read.error());
    return {};
  }

  /// False if it is not there.
  bool flag(const char* name) {
    const auto* value = object_.if_contains(name);
    if (!value) return false;
    if (!value->is_bool()) refuse(name, std::string("'") + name + "' is no boolean");
    return value->is_bool() && value->get_bool();
  }

  void read_reason() {
    const bool older = object_.contains("why");
    if (older && object_.contains("reason"))
      return refuse("why", "'why' is an older name of 'reason': give one of them");
    if (older || object_.contains("reason"))
      order_.why = text(older ? "why" : "reason", 0, kOrderWhyBytesMax);
  }

  void read_keep() {
    const bool keep = flag("keep"), anew = flag("anew");
    if (keep && order_.kind != OrderKind::Cancel)
      refuse("keep", "'keep' is a cancel's; a rerun keeps what succeeded unless it is anew, a " +
                         std::string(to_string(order_.kind)) + " reverts nothing");
    if (anew && order_.kind != OrderKind::Rerun) refuse("anew", "only a rerun begins anew");
    order_.keep = order_.kind == OrderKind::Rerun ? !anew : keep;
  }

  void read_atom() {
    if (names_atom(order_.kind))
      order_.atom = text("atom", 1, kNameBytesMax);
    else if (object_.contains("atom"))
      refuse("atom", "only retry, skip and done name an atom");
  }

  /// Kept as the bytes that were received.
  void read_result() {
    const auto result = JsonView(body_).at("result");
    if (!result) return;
    if (order_.kind != OrderKind::MarkDone) return refuse("result", "only done has a result");
    if (result->raw().size() > kOrderResultBytesMax)
      return refuse("result", "'result' has " + std::to_string(result->raw().size()) +
                                  " bytes, the limit is " + std::to_string(kOrderResultBytesMax));
    order_.result = result->value();
  }

  void read_run() {
    const auto* value = object_.if_contains("run");
    if (!value) return;
    if (!begins_run(order_.kind))
      return refuse("run", "only rerun, retry, skip and done are for a run that has ended");
    const auto* number = value->if_int64();
    if (!number || *number < 1 || *number > std::numeric_limits<std::int32_t>::max())
      return refuse("run", "'run' is no whole number from 1 on");
    run_ = static_cast<std::uint32_t>(*number);
  }

  const Value& body_;
  const json::object& object_;
  Order order_;
  std::uint32_t run_ = 0;
  std::vector<ProblemItem> problems_;
};

}  // namespace

std::variant<OrderBody, Problem> read_order_body(const std::string& body) {
  const auto value = Value::parse(body);
  if (!value.ok())
    return bad_request("the body cannot be kept, at byte " + std::to_string(value.error().offset) + ": " +
                       value.error().message);
  const auto tree = value->tree();
  if (!tree.is_object())
    return bad_request("the body is no object; wanted: one with " + std::string(kMembers));
  return Reader(*value, tree.get_object()).read();
}

}  // namespace baton::api
