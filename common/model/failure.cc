#include "common/model/failure.h"

namespace baton {
namespace {

/// Cuts at a character's border and says that it did.
std::string cut(std::string text, std::size_t bytes_max) {
  static constexpr std::string_view kMark = " … (cut)";
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - kMark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text.append(kMark);
}

std::string text_of(const boost::json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Failure Failure::make(std::string type, std::string message, Value details) {
  if (details.json().size() > kFailureTextBytesMax)
    details = Value::of_string(cut(std::string(details.json()), kFailureTextBytesMax / 2));
  const Value clean = Value::of_string(cut(std::move(message), kFailureTextBytesMax));
  return {cut(std::move(type), kNameBytesMax), std::string(clean.tree().get_string()), std::move(details)};
}

Failure bad_result(std::string_view what, const ValueError& error) {
  return Failure::make(
      std::string(failure_type::kBadResult),
      std::string(what) + ": " + error.message + " (at byte " + std::to_string(error.offset) +
          ")\n  hint: a result is JSON of at most " + std::to_string(kResultBytesMax) +
          " bytes, without U+0000 and infinite numbers; keep larger values elsewhere and return "
          "where they are");
}

Value Failure::to_value() const {
  std::string json = "{\"type\": " + quoted(type) + ", \"message\": " + quoted(message);
  if (!details.is_null()) json += ", \"details\": " + std::string(details.json());
  return Value::from_stored(json + "}");
}

Failure Failure::from_value(const Value& value) {
  const auto tree = value.tree();
  const auto* object = tree.if_object();
  if (!object) return {"Unknown", std::string(value.json()), {}};
  const auto* details = object->if_contains("details");
  Value kept;
  if (details)
    if (auto parsed = Value::from(*details); parsed.ok()) kept = parsed.value();
  return {text_of(*object, "type"), text_of(*object, "message"), kept};
}

}  // namespace baton
