#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flowfile/problem.h"

namespace baton::flowfile {

struct Member;

/// One value of a flow file with its place; YAML and JSON give the same tree.
struct Node {
  enum class Kind { Null, Bool, Number, Text, List, Map };
  Kind kind = Kind::Null;
  Place at;
  std::string text;             // Text: itself; Number: as JSON; Bool: "true" or "false"
  std::vector<Node> items;      // List
  std::vector<Member> members;  // Map, in the order of the text, no key twice
  bool told = false;            // a mistake in it has been told: what would follow from it is not

  bool is(Kind other) const { return kind == other; }
  const Node* find(std::string_view key) const;  // nullptr: there is none, or it is null
  const Member* member(std::string_view key) const;
  void set(std::string key, Node value);  // added, or replaced
};

struct Member {
  std::string key;
  Place at;
  Node value;
};

/// Gives it and all inside it one place.
void place_all(Node&, const Place&);

Node text_node(std::string text, const Place&);
Node list_node(const Place&);
Node map_node(const Place&);

std::string_view kind_name(const Node&);  // "a text", "a list", … for messages
std::string to_json(const Node&);

/// A value as it is told in messages: its JSON, cut where it is long.
std::string shown_value(const Node&);

}  // namespace baton::flowfile
