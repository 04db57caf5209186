#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/value.h"

namespace baton {

/// A place in a JSON text that has passed the border (Value), read where it stands: no tree is built and the
/// bytes of every part stay as they were received. The text must outlive the view.
class JsonView {
 public:
  enum class Kind : std::uint8_t { Null, Bool, Number, String, Array, Object };
  struct Member;

  explicit JsonView(std::string_view json);  // valid JSON without space around it
  explicit JsonView(const Value& value) : JsonView(value.json()) {}

  Kind kind() const;
  std::string_view raw() const { return json_; }
  Value value() const { return Value::from_stored(std::string(json_)); }

  bool boolean() const;                         // kind Bool
  std::string text() const;                     // kind String
  std::optional<std::int64_t> integer() const;  // kind Number; nothing: a fraction, an exponent or too large
  double number() const;                        // kind Number

  std::vector<JsonView> items() const;                     // kind Array
  std::vector<Member> members() const;                     // kind Object, in the order of the text
  std::optional<JsonView> at(std::size_t index) const;     // kind Array
  std::optional<JsonView> at(std::string_view key) const;  // kind Object

 private:
  std::string_view json_;
};

struct JsonView::Member {
  std::string key;
  JsonView value;
};

std::string_view to_string(JsonView::Kind);  // "null", "a boolean", … for messages

}  // namespace baton
