#pragma once

#include <baton/module.h>

#include <optional>
#include <string_view>
#include <variant>

#include "common/model/failure.h"
#include "common/model/value.h"

namespace baton::modules {

inline std::string_view view_of(baton_bytes bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(bytes.data, bytes.size);
}
inline baton_bytes bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}

/// The host's end of one call into a module: what it writes is checked at the border and copied. Hand abi()
/// to the call, then take outcome(). Lives during the call; used by one thread.
class Sink {
 public:
  explicit Sink(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  baton_sink abi() { return {this, &Sink::write}; }

  /// What the call gave: a value, or a failure; BadResult where it gave nothing, twice, or what cannot be
  /// stored.
  std::variant<Value, Failure> outcome() &&;

 private:
  static void write(void* self, int failed, baton_bytes json);

  std::size_t bytes_max_;
  std::optional<std::variant<Value, Failure>> written_;
  bool twice_ = false;
};

}  // namespace baton::modules
