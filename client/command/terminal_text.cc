#include "client/command/terminal_text.h"

#include "common/model/name_list.h"

namespace baton::client {

namespace json = boost::json;

std::string for_terminal(std::string_view text) {
  return shown_text(text, text.size());
}

json::value for_terminal(const json::value& value) {
  if (const auto* text = value.if_string()) return json::value(for_terminal(std::string_view(*text)));
  if (const auto* array = value.if_array()) {
    json::array shown;
    for (const auto& item : *array) shown.push_back(for_terminal(item));
    return shown;
  }
  const auto* object = value.if_object();
  if (!object) return value;
  json::object shown;
  for (const auto& [name, member] : *object)
    shown[for_terminal(std::string_view(name))] = for_terminal(member);
  return shown;
}

}  // namespace baton::client
