#include "flowfile/yaml_writer.h"

#include <yaml.h>

#include <boost/json/serialize.hpp>
#include <cctype>
#include <string_view>

#include "common/model/assert.h"
#include "flowfile/yaml_scalar.h"

namespace baton::flowfile {
namespace {

namespace json = boost::json;

/// YAML 1.1 knows an exponent only behind a point, and with its sign: 1E9 -> 1.0E+9.
std::string number_text(const json::value& number) {
  std::string text = json::serialize(number);
  const auto exponent = text.find_first_of("eE");
  if (exponent == std::string::npos) return text;
  if (text[exponent + 1] != '-' && text[exponent + 1] != '+') text.insert(exponent + 1, "+");
  if (text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

/// Whether a text may stand without quotes as far as its meaning goes; the library knows what its form
/// allows.
bool reads_as_text(std::string_view text) {
  const auto scalar = plain_scalar(text);
  // What begins otherwise may be a number, a date or a sign to one of YAML's versions.
  const bool begins = !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '/');
  return begins && scalar.refused.empty() && scalar.kind == Node::Kind::Text &&
         text.find('\n') == std::string_view::npos;
}

class Writer {
 public:
  Writer() {
    BATON_ASSERT(yaml_emitter_initialize(&emitter_) == 1);  // else there is no memory
    yaml_emitter_set_output(&emitter_, append, &text_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, -1);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { yaml_emitter_delete(&emitter_); }

  std::string document(const json::value& value) {
    emit([](auto* event) { return yaml_stream_start_event_initialize(event, YAML_UTF8_ENCODING); });
    emit([](auto* event) {
      return yaml_document_start_event_initialize(event, nullptr, nullptr, nullptr, 0);
    });
    write(value);
    emit([](auto* event) { return yaml_document_end_event_initialize(event, 1); });
    BATON_ASSERT(yaml_emitter_flush(&emitter_) == 1);
    return std::move(text_);
  }

 private:
  static int append(void* text, unsigned char* bytes, std::size_t size) {
    static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), size);
    return 1;
  }

  template <class Make>
  void emit(Make make) {
    yaml_event_t event;
    BATON_ASSERT(make(&event) == 1 && yaml_emitter_emit(&emitter_, &event) == 1);
  }

  void write(const json::value& value) {
    if (const auto* object = value.if_object()) return write(*object);
    if (const auto* array = value.if_array()) return write(*array);
    if (value.is_string()) return scalar(value.get_string(), reads_as_text(value.get_string()));
    scalar(value.is_number() ? number_text(value) : json::serialize(value), true);
  }

  void write(const json::object& object) {
    emit([](auto* event) {
      return yaml_mapping_start_event_initialize(event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE);
    });
    for (const auto& [name, member] : object) scalar(name, reads_as_text(name)), write(member);
    emit([](auto* event) { return yaml_mapping_end_event_initialize(event); });
  }

  void write(const json::array& array) {
    emit([](auto* event) {
      return yaml_sequence_start_event_initialize(event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE);
    });
    for (const auto& item : array) write(item);
    emit([](auto* event) { return yaml_sequence_end_event_initialize(event); });
  }

  void scalar(std::string_view text, bool plain) {
    const auto style = plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    emit([&](auto* event) {
      return yaml_scalar_event_initialize(event, nullptr, nullptr,
                                          reinterpret_cast<const yaml_char_t*>(text.data()),
                                          static_cast<int>(text.size()), plain ? 1 : 0, 1, style);
    });
  }

  yaml_emitter_t emitter_;
  std::string text_;
};

}  // namespace

std::string yaml_text(const json::value& value) {
  return Writer().document(value);
}

}  // namespace baton::flowfile
