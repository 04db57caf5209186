#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "common/model/limits.h"
#include "common/model/rare.h"
#include "common/model/result.h"

namespace baton {

/// Why a value was refused at the border, for people: what, at which offset or path.
struct ValueError {
  std::string message;
  std::size_t offset = 0;
};

/// A JSON value that can be stored and sent, kept as the bytes that were received. Immutable; copying shares
/// the bytes.
///
/// The border: parse() refuses what Postgres, Kafka or Python could not keep or would read otherwise: depth
/// over kValueDepthMax, NUL characters, lone surrogates, invalid UTF-8, numbers that are infinite as double,
/// duplicate keys, anything after the value, more bytes than the limit. What a Value holds has passed it.
class Value {
 public:
  Value() = default;  // null

  static Result<Value, ValueError> parse(std::string_view json, std::size_t bytes_max = kArgumentsBytesMax);
  /// From our own tree; refused like parse() (a tree can hold NULs, infinities, too much depth).
  static Result<Value, ValueError> from(const boost::json::value&,
                                        std::size_t bytes_max = kArgumentsBytesMax);
  /// Only for bytes that have passed parse() before: read back from the store or the wire.
  static Value from_stored(std::string json);
  static Value of_string(std::string_view text);  // invalid UTF-8 and NULs are replaced by U+FFFD
  static Value of_number(std::int64_t number);

  bool is_null() const;
  std::string_view json() const;    // never empty; "null" by default
  boost::json::value tree() const;  // parsed anew at each call; integers over 64 bits become doubles

  bool operator==(const Value& other) const {
    return json() == other.json();
  }  // the same bytes; see equals_as_python

 private:
  Rare<std::string> json_;  // none: null
};

/// Python's ==, deep: 1 == 1.0 == true, 0 == false; objects without order.
bool equals_as_python(const boost::json::value&, const boost::json::value&);

/// "abc" -> "\"abc\"" with JSON's escapes.
std::string quoted(std::string_view text);

}  // namespace baton
