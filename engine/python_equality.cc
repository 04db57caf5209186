#include "engine/python_equality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace baton::engine {
namespace {

using Kind = JsonView::Kind;

bool is_number(const JsonView& view) {
  return view.kind() == Kind::Number || view.kind() == Kind::Bool;
}

/// The digits of a whole number in one way of writing; nothing: it is a float.
std::optional<std::string> whole(const JsonView& view) {
  if (view.kind() == Kind::Bool) return view.boolean() ? "1" : "0";
  if (view.raw().find_first_of(".eE") != std::string_view::npos) return std::nullopt;
  return view.raw() == "-0" ? "0" : std::string(view.raw());
}

/// The digits of a float without a fraction; nothing: it has one.
std::optional<std::string> digits_of(double number) {
  if (std::trunc(number) != number) return std::nullopt;
  if (number == 0) return "0";
  std::array<char, 400> digits{};  // the largest double has 309
  std::snprintf(digits.data(), digits.size(), "%.0f", number);
  return digits.data();
}

bool equal_numbers(const JsonView& a, const JsonView& b) {
  const auto whole_a = whole(a), whole_b = whole(b);
  if (!whole_a && !whole_b) return a.number() == b.number();
  if (whole_a && whole_b) return *whole_a == *whole_b;
  return whole_a ? digits_of(b.number()) == whole_a : digits_of(a.number()) == whole_b;
}

bool equal_arrays(const std::vector<JsonView>& a, const std::vector<JsonView>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal_as_python);
}

bool equal_objects(std::vector<JsonView::Member> a, std::vector<JsonView::Member> b) {
  const auto by_key = [](const auto& x, const auto& y) { return x.key < y.key; };
  std::sort(a.begin(), a.end(), by_key);
  std::sort(b.begin(), b.end(), by_key);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.key == y.key && equal_as_python(x.value, y.value);
  });
}

}  // namespace

bool equal_as_python(const JsonView& a, const JsonView& b) {
  if (a.raw() == b.raw()) return true;
  if (is_number(a) && is_number(b)) return equal_numbers(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::String:
      return a.text() == b.text();
    case Kind::Array:
      return equal_arrays(a.items(), b.items());
    case Kind::Object:
      return equal_objects(a.members(), b.members());
    case Kind::Null:
    case Kind::Bool:
    case Kind::Number:
      break;
  }
  return a.kind() == Kind::Null;
}

}  // namespace baton::engine
