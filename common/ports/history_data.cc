#include "common/ports/history_data.h"

#include <boost/json/serialize.hpp>

#include "common/model/json_view.h"

namespace baton::ports {
namespace {

/// Members of a JSON object under construction.
class Members {
 public:
  void add(const char* key, std::string_view json) {
    text_ += (text_.empty() ? "{\"" : ", \"") + std::string(key) + "\": ";
    text_ += json;
  }
  Value finish() { return text_.empty() ? Value() : Value::from_stored(std::move(text_) + "}"); }

 private:
  std::string text_;
};

void add_value(Members& members, const char* key, const Value& value) {
  if (value.is_null()) return;
  if (value.json().size() <= kHistoryValueBytesMax) return members.add(key, value.json());
  members.add((std::string(key) + "_bytes").c_str(), std::to_string(value.json().size()));
}

Value data_of(const AtomFact& atom) {
  Members members;
  const AtomRecord& after = atom.after;
  if (atom.changed & kResultChanged) add_value(members, "result", after.result);
  if (atom.changed & kRevertResultChanged) add_value(members, "result", after.revert_result);
  if (atom.changed & kFailureChanged && after.failure)
    members.add("failure", after.failure->to_value().json());
  if (atom.changed & kRevertFailureChanged && after.revert_failure)
    members.add("failure", after.revert_failure->to_value().json());
  if (!atom.note.empty()) members.add("note", quoted(atom.note));
  return members.finish();
}

Value data_of(const RangeFact& range) {
  Members members;
  members.add("first", std::to_string(range.first));
  members.add("count", std::to_string(range.count));
  if (range.reset) members.add("reset", "true");
  return members.finish();
}

std::string kept_json(const std::vector<AtomIndex>& kept) {
  std::string json = "[";
  for (const AtomIndex atom : kept) json += (json.size() > 1 ? ", " : "") + std::to_string(atom);
  return json + "]";
}

Value data_of(const FlowFact& flow) {
  Members members;
  if (flow.failure) members.add("failure", flow.failure->to_value().json());
  if (!flow.kept.empty()) members.add("kept", kept_json(flow.kept));
  if (!flow.note.empty()) members.add("note", quoted(flow.note));
  return members.finish();
}

/// Of an object's member; nothing: it is no object or has no such number.
std::optional<std::int64_t> number_in(const boost::json::value& data, const char* name) {
  const auto* object = data.if_object();
  const auto* member = object ? object->if_contains(name) : nullptr;
  return member && member->is_int64() ? std::optional(member->get_int64()) : std::nullopt;
}

std::string text_in(const boost::json::value& data, const char* name) {
  const auto* object = data.if_object();
  const auto* member = object ? object->if_contains(name) : nullptr;
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

}  // namespace

Value history_data(const HistoryClaim& claim) {
  Members members;
  members.add("claimed_by", quoted(claim.conductor));
  members.add("generation", std::to_string(claim.epoch.generation));
  members.add("lock_czxid", std::to_string(claim.epoch.lock_czxid));
  return members.finish();
}

Value history_data(const TakenOrder& taken) {
  const Order& order = taken.record.order;
  Members members;
  members.add("order", quoted(std::string(to_string(order.kind))));
  members.add("order_id", std::to_string(taken.record.id));
  members.add("who", quoted(order.who));
  members.add("why", quoted(order.why));
  if (order.keep) members.add("keep", "true");
  if (!order.atom.empty()) members.add("atom", quoted(order.atom));
  if (order.kind == OrderKind::MarkDone) add_value(members, "result", order.result);
  if (!taken.no_effect.empty()) members.add("no_effect", quoted(taken.no_effect));
  return members.finish();
}

bool only_intention(const AtomFact& atom) {
  return atom.from == atom.after.state && atom.from_attempt == atom.after.attempt &&
         atom.from_dispatch == atom.after.dispatch && atom.changed == 0 && atom.note.empty();
}

std::optional<KeptRange> kept_range(const Value& data) {
  const auto tree = data.tree();
  const auto first = number_in(tree, "first"), count = number_in(tree, "count");
  if (!first || !count) return std::nullopt;
  return KeptRange{static_cast<AtomIndex>(*first), static_cast<std::uint32_t>(*count),
                   tree.get_object().contains("reset")};
}

std::optional<HistoryClaim> kept_claim(const Value& data) {
  const auto tree = data.tree();
  const auto generation = number_in(tree, "generation"), czxid = number_in(tree, "lock_czxid");
  if (!generation || !czxid) return std::nullopt;
  const auto* conductor = tree.get_object().if_contains("claimed_by");
  if (!conductor || !conductor->is_string()) return std::nullopt;
  return HistoryClaim{std::string(conductor->get_string()),
                      {static_cast<std::uint32_t>(*generation), *czxid}};
}

std::optional<HistoryOrder> kept_order(const Value& data) {
  const auto tree = data.tree();
  const auto id = number_in(tree, "order_id");
  const auto kind = order_kind_from(text_in(tree, "order"));
  if (!id || !kind) return std::nullopt;
  const bool keep = tree.get_object().contains("keep");
  const auto result = JsonView(data).at("result");  // its bytes, not the tree's numbers
  return HistoryOrder{static_cast<std::uint64_t>(*id),
                      {*kind, text_in(tree, "who"), text_in(tree, "why"), keep, text_in(tree, "atom"),
                       result ? result->value() : Value()},
                      text_in(tree, "no_effect")};
}

Value history_data(const Fact& fact) {
  return std::visit([](const auto& body) { return data_of(body); }, fact.body);
}

}  // namespace baton::ports
