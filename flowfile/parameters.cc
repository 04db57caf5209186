#include "flowfile/parameters.h"

#include <algorithm>

#include "flowfile/json_reader.h"
#include "flowfile/limits.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

bool is_whole(const Node& node) {
  return node.is(Node::Kind::Number) && node.text.find_first_of(".eE") == std::string::npos;
}

bool fits(std::string_view type, const Node& node) {
  if (type == "string") return node.is(Node::Kind::Text);
  if (type == "integer") return is_whole(node);
  if (type == "number") return node.is(Node::Kind::Number);
  if (type == "boolean") return node.is(Node::Kind::Bool);
  if (type == "list") return node.is(Node::Kind::List);
  if (type == "object") return node.is(Node::Kind::Map);
  return true;
}

std::string expected(const Parameter& parameter) {
  return parameter.type + (parameter.items == "any" ? "" : " of " + parameter.items);
}

std::string text_or(const Node& map, std::string_view key, const char* otherwise) {
  const Node* found = map.find(key);
  return found && found->is(Node::Kind::Text) ? found->text : otherwise;
}

Declared read_declared(const Member& member) {
  Declared declared;
  Parameter& about = declared.about;
  about.name = member.key;
  about.at = member.at;
  about.type = text_or(member.value, "type", "any");
  about.items = text_or(member.value, "items", "any");
  about.description = text_or(member.value, "description", "");
  if (const Member* fallback = member.value.member("default")) {
    about.required = false;
    about.fallback = Value::from_stored(to_json(fallback->value));
    declared.fallback = fallback->value;
  }
  return declared;
}

void check_declared(const Declared& declared, const Member& member, Problems& problems) {
  const auto& [about, fallback] = declared;
  if (!is_name(about.name))
    problems.push_back({member.at, in_quotes(about.name) + " is no name of a parameter",
                        "letters, digits and '_', not a digit first: it is used as $name"});
  if (about.items != "any" && about.type != "list")
    problems.push_back({member.value.member("items")->at, "'items' without the type list",
                        "make the parameter's type list, or leave 'items' out"});
  if (!fallback || fallback->is(Node::Kind::Null)) return;  // null: may be left out, and is null then
  if (const auto wrong = misfit(about, *fallback))
    problems.push_back({fallback->at, "the default of " + in_quotes(about.name) + " is " + *wrong, ""});
}

/// "a,b,c" or JSON, by the type.
std::optional<Node> read_text(const Parameter& parameter, const std::string& text, const Place& at);

std::optional<Node> read_json_text(const std::string& text, const Place& at) {
  Problems ignored;
  auto node = read_json(std::make_shared<const Source>(Source{at.source->path, text}), ignored);
  return ignored.empty() ? node : std::nullopt;
}

std::optional<Node> read_list(const Parameter& parameter, const std::string& text, const Place& at) {
  Parameter item = parameter;
  item.type = parameter.items;
  item.items = "any";
  Node list = list_node(at);
  if (text.empty()) return list;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    auto node = read_text(item, text.substr(begin, end - begin), at);
    if (!node) return std::nullopt;
    list.items.push_back(*std::move(node));
    begin = end + 1;
  }
  return list;
}

std::optional<Node> read_text(const Parameter& parameter, const std::string& text, const Place& at) {
  if (parameter.type == "string") return text_node(text, at);
  auto json = read_json_text(text, at);
  if (parameter.type == "list")
    return json && json->is(Node::Kind::List) ? json : read_list(parameter, text, at);
  return json ? json : text_node(text, at);
}

}  // namespace

std::vector<Declared> declared_parameters(const Node& file, Problems& problems) {
  std::vector<Declared> all;
  const Node* parameters = file.find("parameters");
  if (!parameters || !parameters->is(Node::Kind::Map)) return all;
  for (const Member& member : parameters->members) {
    if (!member.value.is(Node::Kind::Map)) continue;  // told with the form
    all.push_back(read_declared(member));
    check_declared(all.back(), member, problems);
  }
  return all;
}

std::optional<std::string> misfit(const Parameter& parameter, const Node& value) {
  if (!fits(parameter.type, value)) return shown_value(value) + ", expected: " + expected(parameter);
  for (std::size_t i = 0; parameter.type == "list" && i < value.items.size(); ++i)
    if (!fits(parameter.items, value.items[i]))
      return "a list with " + shown_value(value.items[i]) + " at index " + std::to_string(i) +
             ", expected: " + expected(parameter);
  return std::nullopt;
}

const Declared* Binding::find(const std::string& name, const Place& at) {
  if (by_name_.empty())
    for (const Declared& declared : declared_) by_name_.emplace(declared.about.name, &declared);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return found->second;
  tell_unknown(name, at);
  return nullptr;
}

/// Which one was meant is sought in all that there are: as often as can be told.
void Binding::tell_unknown(const std::string& name, const Place& at) {
  std::vector<std::string> known;
  if (unknown_++ < kProblemsMax)
    for (const Declared& declared : declared_) known.push_back(declared.about.name);
  problems_.push_back({at, "the flow has no parameter " + in_quotes(name),
                       declared_.empty() ? "it takes none"
                       : known.empty()   ? ""
                                         : known_hint(name, known)});
}

void Binding::give(const std::string& name, Node value, const Place& name_at) {
  const Declared* declared = find(name, name_at);
  if (!declared) return;
  const bool left_out =
      value.is(Node::Kind::Null) && declared->fallback && declared->fallback->is(Node::Kind::Null);
  if (const auto wrong = left_out ? std::nullopt : misfit(declared->about, value)) {
    problems_.push_back({value.at, "parameter " + in_quotes(name) + " is " + *wrong, ""});
    refused_.insert(name);
  } else {
    scope_.set(name, std::move(value));
  }
}

void Binding::give_later(const std::string& name, Node value, const Place& name_at) {
  if (find(name, name_at)) scope_.set(name, std::move(value));
}

void Binding::give_text(const std::string& text) {
  const Place at{std::make_shared<const Source>(Source{"--param", text}), 1, 1};
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    problems_.push_back({at, in_quotes(text) + " is no NAME=VALUE", ""});
    return;
  }
  const std::string name = text.substr(0, equals);
  const Declared* declared = find(name, at);
  if (!declared) return;
  const Place value_at{at.source, 1, equals + 2};
  auto value = read_text(declared->about, text.substr(equals + 1), value_at);
  if (!value) value = text_node(text.substr(equals + 1), value_at);
  place_all(*value, value_at);
  give(name, *std::move(value), at);
}

void Binding::fill_in() {
  for (const auto& [about, fallback] : declared_) {
    if (scope_.find(about.name) || refused_.contains(about.name)) continue;
    if (fallback)
      scope_.set(about.name, *fallback);
    else
      problems_.push_back(
          {at_, "parameter " + in_quotes(about.name) + " is missing, expected: " + expected(about),
           "it has no default" + std::string(at_.line ? "" : ": give it with --param " + about.name + "=…")});
  }
}

}  // namespace baton::flowfile
