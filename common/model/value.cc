#include "common/model/value.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "common/model/storable_text.h"
#include "common/model/value_border.h"

namespace baton {
namespace {

namespace json = boost::json;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// true, 1 and 1.0 are one number to Python; null, strings and containers are not numbers.
bool is_number(const json::value& value) {
  return value.is_number() || value.is_bool();
}

bool equal_numbers(const json::value& a, const json::value& b) {
  if (a.is_double() || b.is_double()) {
    const auto number = [](const json::value& v) {
      return v.is_bool() ? double(v.get_bool()) : v.to_number<double>();
    };
    return number(a) == number(b);
  }
  const auto whole = [](const json::value& v) {
    return v.is_bool() ? std::int64_t{v.get_bool()} : v.get_int64();
  };
  if (a.is_uint64() && b.is_uint64()) return a.get_uint64() == b.get_uint64();
  if (a.is_uint64()) return std::cmp_equal(a.get_uint64(), whole(b));
  if (b.is_uint64()) return std::cmp_equal(whole(a), b.get_uint64());
  return whole(a) == whole(b);
}

bool equal_objects(const json::object& a, const json::object& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a) {
    const auto* other = b.if_contains(key);
    if (!other || !equals_as_python(value, *other)) return false;
  }
  return true;
}

bool equal_arrays(const json::array& a, const json::array& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!equals_as_python(a[i], b[i])) return false;
  return true;
}

}  // namespace

Result<Value, ValueError> Value::parse(std::string_view text, std::size_t bytes_max) {
  const std::string_view body = trimmed(text);
  if (auto refused = refuse_unstorable(body, bytes_max)) return Fail(*std::move(refused));
  return from_stored(std::string(body));
}

/// Boost.JSON prints infinities and NULs, so a tree goes through the border as text.
Result<Value, ValueError> Value::from(const json::value& tree, std::size_t bytes_max) {
  return parse(json::serialize(tree), bytes_max);
}

Value Value::from_stored(std::string text) {
  Value value;
  if (text != "null") value.json_ = Rare(std::move(text));
  return value;
}

Value Value::of_string(std::string_view text) {
  return from_stored(quoted(storable_text(text)));
}

Value Value::of_number(std::int64_t number) {
  return from_stored(std::to_string(number));
}

bool Value::is_null() const {
  return !json_;
}

std::string_view Value::json() const {
  return json_ ? std::string_view(*json_) : std::string_view("null");
}

json::value Value::tree() const {
  json::parse_options options;
  options.max_depth = kValueDepthMax;
  return json::parse(json::string_view(json().data(), json().size()), {}, options);
}

bool equals_as_python(const json::value& a, const json::value& b) {
  if (is_number(a) && is_number(b)) return equal_numbers(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case json::kind::null:
      return true;
    case json::kind::string:
      return a.get_string() == b.get_string();
    case json::kind::array:
      return equal_arrays(a.get_array(), b.get_array());
    case json::kind::object:
      return equal_objects(a.get_object(), b.get_object());
    case json::kind::bool_:
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      break;
  }
  BATON_ASSERT(false);  // numbers were handled above
  return false;
}

std::string quoted(std::string_view text) {
  return json::serialize(json::value(json::string_view(text.data(), text.size())));
}

}  // namespace baton
