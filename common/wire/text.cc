#include "common/wire/text.h"

#include <algorithm>

#include "common/model/value.h"

namespace baton::wire {

std::string clean_text(const std::string& text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });  // ASCII without NUL
  return plain ? text : std::string(Value::of_string(text).tree().get_string());
}

}  // namespace baton::wire
