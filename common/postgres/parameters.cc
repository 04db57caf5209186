#include "common/postgres/parameters.h"

#include <utility>

#include "common/model/assert.h"

namespace baton::postgres {
namespace {

constexpr Micros kYear2000 = std::chrono::seconds{946'684'800};

template <class Number>
void append_big_endian(std::string& bytes, Number number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (std::size_t shift = sizeof(Number) * 8; shift > 0; shift -= 8)
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(bits >> (shift - 8))));
}

}  // namespace

std::int64_t to_postgres_micros(TimePoint at) {
  return (at.time_since_epoch() - kYear2000).count();
}
TimePoint from_postgres_micros(std::int64_t micros) {
  return TimePoint(Micros(micros) + kYear2000);
}

std::string bool_parameter(bool truth) {
  return std::string(1, truth ? '\1' : '\0');
}
std::string int4_parameter(std::int32_t number) {
  std::string bytes;
  append_big_endian(bytes, number);
  return bytes;
}
std::string int8_parameter(std::int64_t number) {
  std::string bytes;
  append_big_endian(bytes, number);
  return bytes;
}

std::string texts_parameter(const std::vector<std::string>& texts) {
  ArrayParameter array(ElementType::Text);
  for (const auto& text : texts) array.add(std::string_view(text));
  return array.finish();
}

ArrayParameter::ArrayParameter(ElementType type) : type_(type) {}

void ArrayParameter::append_length(std::int32_t length) {
  append_big_endian(elements_, length);
  ++count_;
}

void ArrayParameter::add(std::int64_t number) {
  switch (type_) {
    case ElementType::Int2:
      BATON_ASSERT(std::in_range<std::int16_t>(number));
      append_length(2);
      return append_big_endian(elements_, static_cast<std::int16_t>(number));
    case ElementType::Int4:
      BATON_ASSERT(std::in_range<std::int32_t>(number));
      append_length(4);
      return append_big_endian(elements_, static_cast<std::int32_t>(number));
    case ElementType::Int8:
      append_length(8);
      return append_big_endian(elements_, number);
    case ElementType::Bool:
    case ElementType::Text:
    case ElementType::Timestamp:
    case ElementType::Uuid:
      break;
  }
  BATON_ASSERT(!"a number was added to an array of another type");
}

void ArrayParameter::add(bool truth) {
  BATON_ASSERT(type_ == ElementType::Bool);
  append_length(1);
  elements_.push_back(truth ? 1 : 0);
}

void ArrayParameter::add(std::string_view text) {
  BATON_ASSERT(type_ == ElementType::Text);
  append_length(static_cast<std::int32_t>(text.size()));
  elements_.append(text);
}

void ArrayParameter::add(const Uuid& uuid) {
  BATON_ASSERT(type_ == ElementType::Uuid);
  append_length(static_cast<std::int32_t>(uuid.bytes.size()));
  for (const std::uint8_t byte : uuid.bytes) elements_.push_back(static_cast<char>(byte));
}

void ArrayParameter::add(TimePoint at) {
  BATON_ASSERT(type_ == ElementType::Timestamp);
  append_length(8);
  append_big_endian(elements_, to_postgres_micros(at));
}

void ArrayParameter::add_null() {
  append_length(-1);
  has_null_ = true;
}

std::string ArrayParameter::finish() {
  std::string bytes;
  bytes.reserve(20 + elements_.size());
  append_big_endian(bytes, std::int32_t{count_ > 0 ? 1 : 0});  // dimensions
  append_big_endian(bytes, std::int32_t{has_null_ ? 1 : 0});
  append_big_endian(bytes, static_cast<std::int32_t>(type_));
  if (count_ > 0) {
    append_big_endian(bytes, count_);
    append_big_endian(bytes, std::int32_t{1});  // lower bound
  }
  bytes += std::exchange(elements_, {});
  count_ = 0;
  has_null_ = false;
  return bytes;
}

}  // namespace baton::postgres
