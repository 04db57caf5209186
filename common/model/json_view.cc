#include "common/model/json_view.h"

#include <boost/json/parse.hpp>
#include <charconv>

#include "common/model/assert.h"

namespace baton {
namespace {

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks the parts of a text that is known to be valid; so it only has to find where they end.
class Cursor {
 public:
  explicit Cursor(std::string_view json) : json_(json) {}

  char peek() {
    while (at_ < json_.size() && is_space(json_[at_])) ++at_;
    BATON_ASSERT(at_ < json_.size());
    return json_[at_];
  }
  void skip_one() { ++at_; }

  std::string_view part() {
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"') {
      skip_string();
    } else if (first == '{' || first == '[') {
      skip_nested();
    } else {
      while (at_ < json_.size() && !is_space(json_[at_]) && json_[at_] != ',' && json_[at_] != ']' &&
             json_[at_] != '}' && json_[at_] != ':')
        ++at_;
    }
    return json_.substr(begin, at_ - begin);
  }

 private:
  void skip_string() {
    for (++at_; json_[at_] != '"'; ++at_)
      if (json_[at_] == '\\') ++at_;
    ++at_;
  }
  void skip_nested() {
    std::size_t depth = 0;
    do {
      const char c = json_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

std::string unescaped(std::string_view quoted_text) {
  const std::string_view inside = quoted_text.substr(1, quoted_text.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  return std::string(
      boost::json::parse(boost::json::string_view(quoted_text.data(), quoted_text.size())).get_string());
}

/// Calls visit(part) for each item until it says stop.
template <class Visit>
void each_item(std::string_view json, Visit visit) {
  Cursor cursor(json);
  cursor.skip_one();
  while (cursor.peek() != ']') {
    if (!visit(cursor.part())) return;
    if (cursor.peek() == ',') cursor.skip_one();
  }
}

/// Calls visit(key with its quotes, part) for each member until it says stop.
template <class Visit>
void each_member(std::string_view json, Visit visit) {
  Cursor cursor(json);
  cursor.skip_one();
  while (cursor.peek() != '}') {
    const std::string_view key = cursor.part();
    cursor.peek();
    cursor.skip_one();  // the colon
    if (!visit(key, cursor.part())) return;
    if (cursor.peek() == ',') cursor.skip_one();
  }
}

}  // namespace

JsonView::JsonView(std::string_view json) : json_(json) {
  BATON_ASSERT(!json.empty());
}

JsonView::Kind JsonView::kind() const {
  switch (json_.front()) {
    case 'n':
      return Kind::Null;
    case 't':
    case 'f':
      return Kind::Bool;
    case '"':
      return Kind::String;
    case '[':
      return Kind::Array;
    case '{':
      return Kind::Object;
    default:
      return Kind::Number;
  }
}

bool JsonView::boolean() const {
  BATON_ASSERT(kind() == Kind::Bool);
  return json_.front() == 't';
}

std::string JsonView::text() const {
  BATON_ASSERT(kind() == Kind::String);
  return unescaped(json_);
}

std::optional<std::int64_t> JsonView::integer() const {
  BATON_ASSERT(kind() == Kind::Number);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json_.data(), json_.data() + json_.size(), number);
  if (error != std::errc{} || end != json_.data() + json_.size()) return std::nullopt;
  return number;
}

double JsonView::number() const {
  BATON_ASSERT(kind() == Kind::Number);
  double number = 0;
  std::from_chars(json_.data(), json_.data() + json_.size(), number);
  return number;
}

std::vector<JsonView> JsonView::items() const {
  BATON_ASSERT(kind() == Kind::Array);
  std::vector<JsonView> items;
  each_item(json_, [&](std::string_view part) { return items.emplace_back(part), true; });
  return items;
}

std::vector<JsonView::Member> JsonView::members() const {
  BATON_ASSERT(kind() == Kind::Object);
  std::vector<Member> members;
  each_member(json_, [&](std::string_view key, std::string_view part) {
    return members.push_back({unescaped(key), JsonView(part)}), true;
  });
  return members;
}

std::optional<JsonView> JsonView::at(std::size_t index) const {
  BATON_ASSERT(kind() == Kind::Array);
  std::optional<JsonView> found;
  each_item(json_, [&](std::string_view part) {
    if (index-- == 0) found.emplace(part);
    return !found;
  });
  return found;
}

std::optional<JsonView> JsonView::at(std::string_view key) const {
  BATON_ASSERT(kind() == Kind::Object);
  std::optional<JsonView> found;
  each_member(json_, [&](std::string_view name, std::string_view part) {
    if (unescaped(name) == key) found.emplace(part);
    return !found;
  });
  return found;
}

std::string_view to_string(JsonView::Kind kind) {
  switch (kind) {
    case JsonView::Kind::Null:
      return "null";
    case JsonView::Kind::Bool:
      return "a boolean";
    case JsonView::Kind::Number:
      return "a number";
    case JsonView::Kind::String:
      return "a string";
    case JsonView::Kind::Array:
      return "an array";
    case JsonView::Kind::Object:
      return "an object";
  }
  BATON_ASSERT(false);
  return {};
}

}  // namespace baton
