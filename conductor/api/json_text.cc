#include "conductor/api/json_text.h"

#include <array>
#include <charconv>

namespace baton::api {

void JsonText::separate() {
  if (!first_) out_ += ", ";
  first_ = false;
}

JsonText& JsonText::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}

JsonText& JsonText::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}

JsonText& JsonText::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  return *this;
}

JsonText& JsonText::end_array() {
  out_ += ']';
  first_ = false;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  out_ += quoted(name);
  out_ += ": ";
  first_ = true;  // its value stands right behind it
  return *this;
}

JsonText& JsonText::text(std::string_view text_value) {
  separate();
  out_ += quoted(text_value);
  return *this;
}

JsonText& JsonText::number(std::uint64_t number_value) {
  separate();
  out_ += std::to_string(number_value);
  return *this;
}

JsonText& JsonText::real(double number_value) {
  separate();
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number_value);
  out_.append(digits.data(), end.ptr);
  return *this;
}

JsonText& JsonText::boolean(bool yes) {
  separate();
  out_ += yes ? "true" : "false";
  return *this;
}

JsonText& JsonText::null() {
  separate();
  out_ += "null";
  return *this;
}

JsonText& JsonText::value(const Value& json) {
  separate();
  out_ += json.json();
  return *this;
}

JsonText& JsonText::member(std::string_view name, std::string_view text_value) {
  return key(name).text(text_value);
}

JsonText& JsonText::member(std::string_view name, const char* text_value) {
  return key(name).text(text_value);
}

JsonText& JsonText::member(std::string_view name, bool yes) {
  return key(name).boolean(yes);
}

JsonText& JsonText::member(std::string_view name, Millis duration) {
  return key(name).number(duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count()));
}

JsonText& JsonText::member(std::string_view name, TimePoint at) {
  return key(name).text(to_rfc3339(at));
}

JsonText& JsonText::member(std::string_view name, const Value& json) {
  return key(name).value(json);
}

JsonText& JsonText::member(std::string_view name, const Failure& failure) {
  return key(name).value(failure.to_value());
}

}  // namespace baton::api
