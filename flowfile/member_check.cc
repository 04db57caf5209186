#include "flowfile/member_check.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "flowfile/duration.h"
#include "flowfile/limits.h"
#include "flowfile/scope.h"
#include "flowfile/wording.h"
#include "flowfile/yaml_scalar.h"

namespace baton::flowfile {
namespace {

using Kind = Node::Kind;

std::optional<std::int64_t> whole(const Node& node) {
  std::int64_t number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stopped, error] = std::from_chars(node.text.data(), end, number);
  if (!node.is(Kind::Number) || error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Kind plain_kind(const std::string& text) {
  const Scalar plain = plain_scalar(text);
  return plain.refused.empty() ? plain.kind : Kind::Text;
}

/// For what stands where a text should.
std::string quote_hint(const Node& node) {
  return node.is(Kind::Number) || node.is(Kind::Bool) ? "quote it: \"" + node.text + "\"" : "";
}

}  // namespace

bool MemberCheck::open(const Node& node) const {
  return stage_ == Stage::Written && node.is(Kind::Text) && has_names(node.text);
}
bool MemberCheck::open_whole(const Node& node) const {
  return open(node) && is_one_name(node.text);
}

void MemberCheck::check(const Node& map, const Shape& shape) {
  for (const Member& member : map.members) {
    const Rule* rule = shape.find(member.key);
    if (!rule)
      unknown(member, shape);
    else if (!member.value.is(Kind::Null))
      value(member.value, *rule);
    else if (rule->required || rule->form == Form::Name || rule->form == Form::ForEach ||
             rule->form == Form::Condition)
      report_.refuse_broken(
          member.at, "'" + member.key + "' has no value",
          "it needs " + std::string(wanted(rule->form)) + (rule->required ? "" : ", or is left out"));
    if (rule && std::string(rule->name).ends_with(kMillisEnd)) refuse_twice(map, member);
  }
  for (const Rule& rule : shape.rules)
    if (rule.required && !map.member(rule.name))
      report_.refuse_broken(map.at,
                            std::string(shape.what) + " needs the member '" + std::string(rule.name) + "'",
                            std::string(rule.about));
}

void MemberCheck::unknown(const Member& member, const Shape& shape) {
  std::vector<std::string_view> known;
  for (const Rule& rule : shape.rules) known.push_back(rule.name);
  report_.refuse(member.at, in_quotes(member.key) + " is no member of " + std::string(shape.what),
                 known_hint(member.key, known));
}

void MemberCheck::refuse_twice(const Node& map, const Member& member) {
  const std::string other = member.key.substr(0, member.key.size() - kMillisEnd.size());
  if (map.find(other))
    report_.refuse(member.at, "both '" + other + "' and '" + member.key + "'", "leave one of them out");
}

bool MemberCheck::is_kind(const Node& node, Kind kind, const Rule& rule) {
  if (node.is(kind)) return true;
  const bool scalar_as_text = kind == Kind::Text && (node.is(Kind::Number) || node.is(Kind::Bool));
  const auto what = "'" + std::string(rule.name) + "' must be " + std::string(wanted(rule.form)) + ", not " +
                    std::string(kind_name(node)) + (node.is(Kind::Text) ? " like " + shown_value(node) : "");
  const bool quotes = node.is(Kind::Text) && plain_kind(node.text) == kind;
  const auto hint = quotes                     ? "leave the quotes out"
                    : scalar_as_text           ? "quote it: \"" + node.text + "\""
                    : rule.form == Form::Nodes ? "each node begins with '- ' on a line of its own"
                                               : std::string(rule.about);
  if (rule.form == Form::Flow || rule.form == Form::Nodes || rule.form == Form::Name)
    report_.refuse_broken(node.at, what, hint);
  else
    report_.refuse(node.at, what, hint);
  return false;
}

void MemberCheck::value(const Node& node, const Rule& rule) {
  if (node.told) return;
  switch (rule.form) {
    case Form::Name:
      return name(node, rule);
    case Form::Text:
      if (!open(node)) is_kind(node, Kind::Text, rule);
      return;
    case Form::Path:
      return path(node, rule);
    case Form::Texts:
      return texts(node, rule);
    case Form::TextMap:
      return text_map(node, rule);
    case Form::Values:
      if (!open_whole(node)) is_kind(node, Kind::Map, rule);
      return;
    case Form::List:
      if (!open_whole(node)) is_kind(node, Kind::List, rule);
      return;
    case Form::Integer:
      if (!open_whole(node)) integer(node, rule);
      return;
    case Form::Decimal:
      if (!open_whole(node)) decimal(node, rule);
      return;
    case Form::Boolean:
      if (!open_whole(node)) is_kind(node, Kind::Bool, rule);
      return;
    case Form::Choice:
      return choice(node, rule);
    case Form::Duration:
      return duration(node, rule);
    case Form::Provides:
      return provides(node, rule);
    case Form::Retry:
      if (is_kind(node, Kind::Map, rule)) check(node, shapes::kRetry);
      return;
    case Form::Timeouts:
      if (is_kind(node, Kind::Map, rule)) check(node, shapes::kTimeouts);
      return;
    case Form::Backoff:
      if (is_kind(node, Kind::Map, rule)) backoff(node);
      return;
    case Form::Decider:
      if (is_kind(node, Kind::Map, rule)) decider(node);
      return;
    case Form::Parameters:
      return parameters(node, rule);
    case Form::Flow:
    case Form::Nodes:
    case Form::Links:
    case Form::Condition:
    case Form::ForEach:
      return;  // looked at with what is around them (form_check.cc)
    case Form::Anything:
      return;
  }
}

void MemberCheck::name(const Node& node, const Rule& rule) {
  if (open(node)) return;
  if (!is_kind(node, Kind::Text, rule)) return;
  if (node.text.empty())
    return report_.refuse(node.at, "'" + std::string(rule.name) + "' is empty", std::string(rule.about));
  if (node.text.size() > kNameBytesMax)
    report_.refuse(node.at, "'" + std::string(rule.name) + "' has " + std::to_string(node.text.size()) +
                                " bytes, the limit is " + std::to_string(kNameBytesMax));
}

void MemberCheck::path(const Node& node, const Rule& rule) {
  if (!is_kind(node, Kind::Text, rule)) return;
  if (has_names(node.text))
    report_.refuse_broken(node.at, "the file of an include cannot depend on a parameter",
                          "include each with 'when' on the parameter");
}

void MemberCheck::texts(const Node& node, const Rule& rule) {
  if (open_whole(node) || !is_kind(node, Kind::List, rule)) return;
  for (const Node& item : node.items)
    if (!open(item) && !item.is(Kind::Text))
      report_.refuse(
          item.at,
          "'" + std::string(rule.name) + "' is a list of texts; this is " + std::string(kind_name(item)),
          quote_hint(item));
}

void MemberCheck::text_map(const Node& node, const Rule& rule) {
  if (open_whole(node) || !is_kind(node, Kind::Map, rule)) return;
  for (const auto& [key, at, item] : node.members)
    if (!open(item) && !item.is(Kind::Text))
      report_.refuse(item.at,
                     "'" + std::string(rule.name) + "' is a mapping of texts; " + in_quotes(key) + " is " +
                         std::string(kind_name(item)),
                     quote_hint(item));
}

void MemberCheck::integer(const Node& node, const Rule& rule) {
  if (!is_kind(node, Kind::Number, rule)) return;
  const auto number = whole(node);
  if (!number || *number < rule.min || *number > rule.max)
    report_.refuse(node.at, "'" + std::string(rule.name) + "' must be a whole number from " +
                                std::to_string(rule.min) + " to " + std::to_string(rule.max) + ", not " +
                                node.text);
}

void MemberCheck::decimal(const Node& node, const Rule& rule) {
  if (!is_kind(node, Kind::Number, rule)) return;
  const double number = std::strtod(node.text.c_str(), nullptr);
  if (!(number >= static_cast<double>(rule.min) && number <= static_cast<double>(rule.max)))
    report_.refuse(node.at, "'" + std::string(rule.name) + "' must be from " + std::to_string(rule.min) +
                                " to " + std::to_string(rule.max) + ", not " + node.text);
}

void MemberCheck::choice(const Node& node, const Rule& rule) {
  if (open(node) || !is_kind(node, Kind::Text, rule)) return;
  if (std::find(rule.choices.begin(), rule.choices.end(), node.text) == rule.choices.end())
    report_.refuse(node.at, in_quotes(node.text) + " is no '" + std::string(rule.name) + "'",
                   known_hint(node.text, rule.choices));
}

void MemberCheck::duration(const Node& node, const Rule& rule) {
  if (open(node)) return;
  if (node.is(Kind::Text) && read_duration(node.text)) return;
  report_.refuse(node.at, "'" + std::string(rule.name) + "' is no duration: " + shown_value(node),
                 "a number and its unit: 500ms, 30s, 5m, 2h, 1d");
}

void MemberCheck::provides(const Node& node, const Rule& rule) {
  if (node.is(Kind::Text)) return name(node, rule);
  if (node.is(Kind::Map)) return check(node, shapes::kProvides);
  if (node.is(Kind::List)) return texts(node, rule);
  report_.refuse(
      node.at,
      "'provides' is a name, a list of names or {keys: [names]}, not " + std::string(kind_name(node)),
      std::string(rule.about));
}

void MemberCheck::backoff(const Node& node) {
  check(node, shapes::kBackoff);
  if (!node.find("initial") && !node.find("initial_ms"))
    report_.refuse(node.at, "a backoff needs the member 'initial'", "the first pause: 500ms, 10s");
}

void MemberCheck::decider(const Node& node) {
  check(node, shapes::kDecider);
  if (!node.find("result_of") && !node.find("const") && !node.find("raise"))
    report_.refuse_broken(node.at, "the condition says nothing", "{result_of: task, equals: value}");
}

void MemberCheck::parameters(const Node& node, const Rule& rule) {
  if (!is_kind(node, Kind::Map, rule)) return;
  for (const Member& member : node.members) {
    if (member.value.is(Kind::Map))
      check(member.value, shapes::kParameter);
    else
      report_.refuse(member.value.at.line ? member.value.at : member.at,
                     "parameter " + in_quotes(member.key) + " is declared by a mapping, not by " +
                         std::string(kind_name(member.value)),
                     "write {type: string}, or {default: value} beside the type");
  }
}

}  // namespace baton::flowfile
