#include "common/model/failure.h"

#include "common/model/json_view.h"
#include "common/model/storable_text.h"

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

/// What cannot be kept is replaced, which makes it longer.
std::string kept(std::string text, std::size_t bytes_max) {
  return cut(storable_text(cut(std::move(text), bytes_max)), bytes_max);
}

std::string text_of(const boost::json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Failure Failure::make(std::string type, std::string message, Value details) {
  // As a text every byte may need an escape, and there are two quotes.
  if (details.json().size() > kFailureTextBytesMax)
    details = Value::of_string(cut(std::string(details.json()), kFailureTextBytesMax / 2 - 1));
  return {kept(std::move(type), kNameBytesMax), kept(std::move(message), kFailureTextBytesMax),
          std::move(details)};
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
  const auto details = JsonView(value).at("details");
  return {text_of(*object, "type"), text_of(*object, "message"), details ? details->value() : Value()};
}

}  // namespace baton
