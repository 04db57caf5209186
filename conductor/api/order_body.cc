#include "conductor/api/order_body.h"

#include <boost/json/serialize.hpp>

#include "common/model/value.h"

namespace baton::api {
namespace {

namespace json = boost::json;

constexpr const char* kMembers = "order, who, why, keep";
constexpr const char* kOrders = "suspend, resume, cancel";

/// Collects what is wrong while the members are read.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::variant<Order, Problem> read() {
    for (const auto& member : object_)
      if (const auto name = member.key(); name != "order" && name != "who" && name != "why" && name != "keep")
        refuse(name, "member '" + std::string(name) + "' is not known; known: " + kMembers);
    read_kind();
    order_.who = text("who", 1, kOrderWhoBytesMax);
    if (object_.contains("why")) order_.why = text("why", 0, kOrderWhyBytesMax);
    read_keep();
    if (problems_.empty()) return order_;
    std::string detail = problems_.front().detail;
    return Problem{422, "bad-order", "The order cannot be taken", std::move(detail), std::move(problems_),
                   {}};
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
    refuse("order", (value ? "order " + json::serialize(*value) + " is not known" : "'order' is missing") +
                        std::string("; known: ") + kOrders);
  }

  std::string text(const char* name, std::size_t least, std::size_t most) {
    const auto* value = object_.if_contains(name);
    const auto* string = value ? value->if_string() : nullptr;
    if (string && string->size() >= least && string->size() <= most) return {string->data(), string->size()};
    const std::string found = !value   ? "is missing"
                              : string ? "has " + std::to_string(string->size()) + " bytes"
                                       : "is no string";
    refuse(name, std::string("'") + name + "' " + found + "; wanted: a string of " + std::to_string(least) +
                     " to " + std::to_string(most) + " bytes");
    return {};
  }

  void read_keep() {
    const auto* value = object_.if_contains("keep");
    if (!value) return;
    if (!value->is_bool()) return refuse("keep", "'keep' is no boolean");
    order_.keep = value->get_bool();
    if (order_.keep && order_.kind != OrderKind::Cancel)
      refuse("keep", "only a cancel keeps what was done; a " + std::string(to_string(order_.kind)) +
                         " reverts nothing");
  }

  const json::object& object_;
  Order order_;
  std::vector<ProblemItem> problems_;
};

}  // namespace

std::variant<Order, Problem> read_order_body(const std::string& body) {
  const auto value = Value::parse(body);
  if (!value.ok())
    return bad_request("the body cannot be kept, at byte " + std::to_string(value.error().offset) + ": " +
                       value.error().message);
  const auto tree = value->tree();
  if (!tree.is_object())
    return bad_request("the body is no object; wanted: one with " + std::string(kMembers));
  return Reader(tree.get_object()).read();
}

}  // namespace baton::api
