#include "common/zookeeper/advert_json.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "common/model/assert.h"
#include "common/model/value.h"

namespace baton::zookeeper {
namespace {

namespace json = boost::json;
using ports::Advert;
using ports::AdvertState;
using ports::InboxKind;
using ports::Member;

/// One object's members; `whole` tells at the end whether all were there and of their kind.
class Reader {
 public:
  /// Reads where the value is: it must outlive the reader. Null: nothing is there.
  explicit Reader(const json::value* value)
      : object_(value ? value->if_object() : nullptr), whole_(object_ != nullptr) {}

  std::string text(const char* name) {
    const auto* found = member(name);
    const auto* string = found ? found->if_string() : nullptr;
    if (!string) whole_ = false;
    return string ? std::string(string->data(), string->size()) : std::string{};
  }
  std::int64_t number(const char* name) {
    const auto* found = member(name);
    const auto* whole = found ? found->if_int64() : nullptr;
    if (!whole) whole_ = false;
    return whole ? *whole : 0;
  }
  const json::value* member(const char* name) {
    const auto* found = object_ ? object_->if_contains(name) : nullptr;
    if (!found) whole_ = false;
    return found;
  }
  Incarnation incarnation() {
    const auto uuid = Uuid::parse(text("incarnation"));
    if (!uuid) whole_ = false;
    return Incarnation(uuid.value_or(Uuid{}));
  }
  void refuse() { whole_ = false; }
  bool whole() const { return whole_; }

 private:
  const json::object* object_;
  bool whole_;
};

json::value tree_of(std::string_view bytes) {
  const auto value = Value::parse(bytes);
  return value.ok() ? value->tree() : json::value{};
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

json::object inbox_json(const ports::InboxAddress& inbox) {
  return {{"kind", inbox.kind == InboxKind::Requests ? "requests" : "replies"},
          {"partition", inbox.partition},
          {"offset", inbox.offset}};
}

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

void read_inbox(const json::value* value, ports::InboxAddress& inbox, Reader& outer) {
  Reader reader(value);
  const auto kind = reader.text("kind");
  inbox.kind = kind == "replies" ? InboxKind::Replies : InboxKind::Requests;
  const auto partition = reader.number("partition");
  inbox.partition = static_cast<std::int32_t>(partition);
  inbox.offset = reader.number("offset");
  const bool there = partition >= 0 && partition <= INT32_MAX && inbox.offset >= 0;
  if (!reader.whole() || !there || (kind != "replies" && kind != "requests")) outer.refuse();
}

void read_task_types(const json::value* value, std::vector<std::string>& types, Reader& reader) {
  if (!value || !value->is_array()) return reader.refuse();
  for (const auto& type : value->get_array()) {
    if (!type.is_string()) return reader.refuse();
    types.emplace_back(view(type.get_string()));
  }
}

void read_labels(const json::value* value, std::map<std::string, std::string>& labels, Reader& reader) {
  if (!value || !value->is_object()) return reader.refuse();
  for (const auto& [name, label] : value->get_object()) {
    if (!label.is_string()) return reader.refuse();
    labels.emplace(std::string(name.data(), name.size()), view(label.get_string()));
  }
}

}  // namespace

std::string to_json(const Advert& advert) {
  BATON_ASSERT(advert.inbox);  // who says of itself what it is knows where it reads
  json::array types;
  for (const auto& type : advert.task_types) types.emplace_back(view(type));
  json::object labels;
  for (const auto& [name, label] : advert.labels) labels[view(name)] = view(label);
  return json::serialize(json::object{{"name", view(advert.name)},
                                      {"incarnation", view(advert.incarnation.value.to_string())},
                                      {"task_types", std::move(types)},
                                      {"slots", advert.slots},
                                      {"labels", std::move(labels)},
                                      {"inbox", inbox_json(*advert.inbox)},
                                      {"state", view(to_string(advert.state))},
                                      {"version", view(advert.version)},
                                      {"host", view(advert.host)},
                                      {"pid", advert.pid}});
}

std::optional<Advert> advert_from_json(std::string_view bytes) {
  const json::value tree = tree_of(bytes);
  Reader reader(&tree);
  Advert advert;
  advert.name = reader.text("name");
  advert.incarnation = reader.incarnation();
  read_task_types(reader.member("task_types"), advert.task_types, reader);
  const auto slots = reader.number("slots");
  advert.slots = static_cast<std::uint32_t>(slots);
  read_labels(reader.member("labels"), advert.labels, reader);
  read_inbox(reader.member("inbox"), advert.inbox.emplace(), reader);
  const auto state = ports::advert_state_from(reader.text("state"));
  advert.state = state.value_or(AdvertState::Unreachable);
  advert.version = reader.text("version");
  advert.host = reader.text("host");
  advert.pid = reader.number("pid");
  if (!reader.whole() || !state || slots < 0 || slots > UINT32_MAX) return std::nullopt;
  return advert;
}

std::string to_json(const Member& member) {
  json::object tree{
      {"name", view(member.name)},       {"incarnation", view(member.incarnation.value.to_string())},
      {"host", view(member.host)},       {"pid", member.pid},
      {"version", view(member.version)}, {"api", view(member.api)}};
  if (member.inbox) tree["inbox"] = inbox_json(*member.inbox);
  return json::serialize(tree);
}

std::optional<Member> member_from_json(std::string_view bytes) {
  const json::value tree = tree_of(bytes);
  Reader reader(&tree);
  Member member;
  member.name = reader.text("name");
  member.incarnation = reader.incarnation();
  member.host = reader.text("host");
  member.pid = reader.number("pid");
  member.version = reader.text("version");
  member.api = reader.text("api");
  if (tree.is_object() && tree.get_object().contains("inbox"))  // conductors before it had none
    read_inbox(reader.member("inbox"), member.inbox.emplace(), reader);
  if (!reader.whole()) return std::nullopt;
  return member;
}

std::string entity_name(const Member& member) {
  return member.name + "@" + member.host + ":" + std::to_string(member.pid);
}

std::string entity_json(const Member& member) {
  return "{\"kind\": \"conductor\", \"name\": " + quoted(entity_name(member)) +
         ", \"metadata\": {\"hostname\": " + quoted(member.host) +
         ", \"pid\": " + std::to_string(member.pid) + "}}";
}

}  // namespace baton::zookeeper
