#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/time.h"
#include "common/model/uuid.h"

namespace baton::postgres {

/// Element types of array parameters; the numbers are Postgres' own type ids.
enum class ElementType : std::uint32_t {
  Bool = 16,
  Int8 = 20,
  Int2 = 21,
  Int4 = 23,
  Text = 25,
  Timestamp = 1184,  // with time zone
  Uuid = 2950
};

/// A one-dimensional array under construction, in Postgres' binary format. Elements must fit the type.
class ArrayParameter {
 public:
  explicit ArrayParameter(ElementType);

  void add(std::int64_t number);  // Int2, Int4, Int8
  void add(bool);
  void add(std::string_view text);
  void add(const Uuid&);
  void add(TimePoint);
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add_null();
  }

  /// The parameter's bytes; the array is empty afterwards.
  std::string finish();

 private:
  void append_length(std::int32_t);

  ElementType type_;
  std::string elements_;
  std::int32_t count_ = 0;
  bool has_null_ = false;
};

/// A scalar parameter's bytes.
std::string bool_parameter(bool);
std::string int4_parameter(std::int32_t);
std::string int8_parameter(std::int64_t);
/// An array's.
std::string texts_parameter(const std::vector<std::string>&);

/// An instant as Postgres counts it: microseconds since 2000.
std::int64_t to_postgres_micros(TimePoint);
TimePoint from_postgres_micros(std::int64_t);

}  // namespace baton::postgres
