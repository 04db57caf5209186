#include "flowfile/scope.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "flowfile/limits.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

constexpr const char* kDollarHint = "a dollar sign itself is written $$";

/// A part of a text: what stands there, or (path not empty) the name whose value does.
struct Piece {
  std::string written;  // with its "$"
  std::vector<std::string> path;
  bool wrong = false;  // only looks like one
};

std::vector<std::string> split_path(std::string_view text) {
  std::vector<std::string> path;
  while (true) {
    const auto point = text.find('.');
    path.emplace_back(text.substr(0, point));
    if (point == std::string_view::npos) return path;
    text.remove_prefix(point + 1);
  }
}

/// The text begins with "${" or "$a"; its length.
std::size_t read_name(std::string_view text, std::vector<Piece>& pieces) {
  Piece piece;
  std::size_t end = 2;
  if (text[1] == '{') {
    const auto brace = text.find('}');
    end = brace == std::string_view::npos ? text.size() : brace + 1;
    piece.path = split_path(text.substr(2, end - 3));
    piece.wrong =
        brace == std::string_view::npos || !is_name(piece.path.front()) ||
        std::any_of(piece.path.begin(), piece.path.end(), [](const auto& part) { return part.empty(); });
  } else {
    while (end < text.size() && continues_name(text[end])) ++end;
    piece.path.emplace_back(text.substr(1, end - 1));
  }
  piece.written = text.substr(0, end);
  pieces.push_back(std::move(piece));
  return end;
}

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  const auto literal = [&](std::string_view part) {
    if (pieces.empty() || !pieces.back().path.empty()) pieces.emplace_back();
    pieces.back().written += part;
  };
  while (!text.empty()) {
    const auto dollar = text.find('$');
    if (dollar != 0) {
      literal(text.substr(0, dollar));
      text.remove_prefix(std::min(dollar, text.size()));
    } else if (text.starts_with("$$")) {
      literal("$");
      text.remove_prefix(2);
    } else if (text.size() > 1 && (text[1] == '{' || begins_name(text[1]))) {
      text.remove_prefix(read_name(text, pieces));
    } else {
      literal("$");
      text.remove_prefix(1);
    }
  }
  return pieces;
}

bool is_scalar(const Node& node) {
  return !node.is(Node::Kind::List) && !node.is(Node::Kind::Map);
}

class Substitution {
 public:
  Substitution(const Scope& scope, Problems& problems, Budget& budget)
      : scope_(scope), problems_(problems), budget_(budget) {}

  Node node(const Node& source) {
    switch (source.kind) {
      case Node::Kind::Null:
      case Node::Kind::Bool:
      case Node::Kind::Number:
        return copy(source, source.at);
      case Node::Kind::Text:
        return value(source);
      case Node::Kind::List:
        return list(source);
      case Node::Kind::Map:
        return map(source);
    }
    return source;
  }

 private:
  Node copy(const Node& value, const Place& at) {
    if (!budget_.spent() && budget_.take(amount_of(value), at)) return value;
    return left(list_node(at));
  }

  Node list(const Node& source) {
    Node list = list_node(source.at);
    budget_.take({1, 0}, source.at);
    for (const Node& item : source.items) {
      if (budget_.spent()) return left(std::move(list));
      list.items.push_back(node(item));
    }
    return list;
  }

  static bool has_dollar(const Member& member) { return member.key.find('$') != std::string::npos; }

  Node map(const Node& source) {
    Node map = map_node(source.at);
    budget_.take({1, 0}, source.at);
    const bool named = std::any_of(source.members.begin(), source.members.end(), has_dollar);
    std::set<std::string> keys;  // so far; as they are written they differ
    for (const Member& member : source.members) {
      if (!budget_.take({0, member.key.size()}, member.at)) return left(std::move(map));
      std::string key = has_dollar(member) ? text(member.key, member.at) : member.key;
      if (named && !keys.insert(key).second)
        refuse(member.at, in_quotes(member.key) + " is " + in_quotes(key) + " here, which is there already",
               "keys of a mapping differ");
      else
        map.members.push_back({std::move(key), member.at, node(member.value)});
    }
    return map;
  }

  Node value(const Node& source) {
    if (source.text.find('$') == std::string::npos) return copy(source, source.at);
    if (is_one_name(source.text)) {
      const Node* found = resolve(pieces_of(source.text).front(), source.at);
      if (!found) return left(source);
      Node copied = copy(*found, source.at);
      place_all(copied, source.at);  // mistakes that show later are told where it was put in
      return copied;
    }
    budget_.take({1, 0}, source.at);
    return text_node(text(source.text, source.at), source.at);
  }

  static Node left(Node source) {
    source.told = true;
    return source;
  }

  std::string text(const std::string& source, const Place& at) {
    std::string whole;
    for (const Piece& piece : pieces_of(source)) {
      const Node* found = piece.path.empty() ? nullptr : resolve(piece, at);
      if (found && !is_scalar(*found))
        refuse(at,
               in_quotes(piece.written) + " is " + std::string(kind_name(*found)) +
                   ", which has no place in a text",
               found->is(Node::Kind::List) ? "go through it with for_each, or let it be the whole value"
                                           : "name one of its members: ${name.member}");
      else
        whole += found ? found->text : piece.written;
      if (whole.size() > kTextBytesMax) {
        refuse(
            at,
            "the text has more than " + std::to_string(kTextBytesMax) + " bytes with its parameters put in",
            "");
        return {};
      }
    }
    return budget_.take({0, whole.size()}, at) ? whole : std::string();
  }

  const Node* resolve(const Piece& piece, const Place& at) {
    const Node* value = piece.wrong ? nullptr : scope_.find(piece.path.front());
    if (!value) return nullptr;  // check_names() has told it
    for (std::size_t i = 1; i < piece.path.size(); ++i) {
      const Node* inside = step(*value, piece.path[i]);
      if (!inside) {
        refuse(at,
               in_quotes(piece.written) + ": " + shown_value(*value) + " has no " + in_quotes(piece.path[i]),
               "members by name, items of a list by number from 0");
        return nullptr;
      }
      value = inside;
    }
    return value;
  }

  static const Node* step(const Node& value, const std::string& part) {
    if (value.is(Node::Kind::Map)) {
      const Member* member = value.member(part);
      return member ? &member->value : nullptr;
    }
    std::size_t index = 0;
    const char* end = part.data() + part.size();
    const auto [stopped, error] = std::from_chars(part.data(), end, index);
    const bool number = error == std::errc() && stopped == end;
    return number && value.is(Node::Kind::List) && index < value.items.size() ? &value.items[index] : nullptr;
  }

  void refuse(const Place& at, std::string what, std::string hint) {
    problems_.push_back({at, std::move(what), std::move(hint)});
  }

  const Scope& scope_;
  Problems& problems_;
  Budget& budget_;
};

std::string unknown_hint(const std::string& name, const std::vector<std::string>& known) {
  // "$node_x" for "${node}_x" is the usual slip.
  for (const std::string& each : known)
    if (name.starts_with(each + "_"))
      return "did you mean '${" + each + "}" + name.substr(each.size()) + "'? " + kDollarHint;
  const auto meant = nearest(name, known);
  return (meant ? "did you mean '$" + *meant + "'? " : "declare it under 'parameters'; ") + kDollarHint;
}

void check_text(const std::string& text, const Place& at, const Names& known, Problems& problems) {
  for (const Piece& piece : pieces_of(text)) {
    if (piece.path.empty()) continue;
    if (piece.wrong)
      problems.push_back({at, in_quotes(piece.written) + " is no name of a parameter",
                          std::string("it is written $name, ${name} or ${name.member}; ") + kDollarHint});
    else if (!known.contains(piece.path.front()))
      problems.push_back(
          {at, in_quotes(piece.written) + ": there is no parameter " + in_quotes(piece.path.front()),
           known.may_seek() ? unknown_hint(piece.path.front(), known.all()) : kDollarHint});
  }
}

}  // namespace

const Node* Scope::find(const std::string& name) const {
  const auto found = own_.find(name);
  if (found != own_.end()) return &found->second;
  return outer_ ? outer_->find(name) : nullptr;
}

void Names::add(const std::string& name) {
  own_.push_back(name);
  known_.insert(name);
}

bool Names::contains(const std::string& name) const {
  return known_.contains(name) || (outer_ && outer_->contains(name));
}

std::vector<std::string> Names::all() const {
  auto names = outer_ ? outer_->all() : std::vector<std::string>();
  names.insert(names.end(), own_.begin(), own_.end());
  return names;
}

bool is_name(std::string_view text) {
  return !text.empty() && begins_name(text[0]) && std::all_of(text.begin(), text.end(), continues_name);
}

bool has_names(std::string_view text) {
  if (text.find('$') == std::string_view::npos) return false;
  const auto pieces = pieces_of(text);
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return !piece.path.empty(); });
}

bool is_one_name(std::string_view text) {
  if (!text.starts_with('$')) return false;
  const auto pieces = pieces_of(text);
  return pieces.size() == 1 && !pieces.front().path.empty() && !pieces.front().wrong;
}

bool is_left(const Node& node) {
  return node.told;
}

Node substitute(const Node& source, const Scope& scope, Problems& problems, Budget& budget) {
  return Substitution(scope, problems, budget).node(source);
}

void check_names(const Node& node, const Names& known, Problems& problems) {
  if (node.is(Node::Kind::Text)) check_text(node.text, node.at, known, problems);
  for (const Node& item : node.items) check_names(item, known, problems);
  for (const Member& member : node.members) {
    check_text(member.key, member.at, known, problems);
    check_names(member.value, known, problems);
  }
}

}  // namespace baton::flowfile
