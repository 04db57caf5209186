#include "flowfile/node.h"

#include <algorithm>

#include "common/model/name_list.h"
#include "common/model/value.h"

namespace baton::flowfile {
namespace {

void write(const Node& node, std::string& json) {
  switch (node.kind) {
    case Node::Kind::Null:
      json += "null";
      return;
    case Node::Kind::Bool:
    case Node::Kind::Number:
      json += node.text;
      return;
    case Node::Kind::Text:
      json += quoted(node.text);
      return;
    case Node::Kind::List:
      json += '[';
      for (const Node& item : node.items) {
        if (&item != &node.items.front()) json += ", ";
        write(item, json);
      }
      json += ']';
      return;
    case Node::Kind::Map:
      json += '{';
      for (const Member& member : node.members) {
        if (&member != &node.members.front()) json += ", ";
        json += quoted(member.key) + ": ";
        write(member.value, json);
      }
      json += '}';
      return;
  }
}

Node node_of(Node::Kind kind, const Place& at) {
  Node node;
  node.kind = kind;
  node.at = at;
  return node;
}

}  // namespace

const Member* Node::member(std::string_view key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.key == key; });
  return found == members.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  const Member* found = member(key);
  return found && !found->value.is(Kind::Null) ? &found->value : nullptr;
}

void Node::set(std::string key, Node value) {
  for (Member& each : members)
    if (each.key == key) return void(each.value = std::move(value));
  const Place place = value.at;
  members.push_back({std::move(key), place, std::move(value)});
}

void place_all(Node& node, const Place& at) {
  node.at = at;
  for (Node& item : node.items) place_all(item, at);
  for (Member& member : node.members) member.at = at, place_all(member.value, at);
}

Node text_node(std::string text, const Place& at) {
  Node node = node_of(Node::Kind::Text, at);
  node.text = std::move(text);
  return node;
}
Node list_node(const Place& at) {
  return node_of(Node::Kind::List, at);
}
Node map_node(const Place& at) {
  return node_of(Node::Kind::Map, at);
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::Bool:
      return "a boolean";
    case Node::Kind::Number:
      return "a number";
    case Node::Kind::Text:
      return "a text";
    case Node::Kind::List:
      return "a list";
    case Node::Kind::Map:
      return "a mapping";
  }
  return "a value";
}

std::string to_json(const Node& node) {
  std::string json;
  write(node, json);
  return json;
}

std::string shown_value(const Node& node) {
  return shown_name(to_json(node), 60);
}

}  // namespace baton::flowfile
