#include "client/command/parameter_text.h"

#include <boost/json/parse.hpp>
#include <sstream>

namespace baton::client {
namespace {

namespace json = boost::json;

json::array split(const std::string& text) {
  json::array items;
  std::stringstream in(text);
  for (std::string item; std::getline(in, item, ',');) items.emplace_back(item);
  return items;
}

json::value read_value(const std::string& text, const std::string& type) {
  if (type == "string") return json::value(text);
  json::error_code code;
  auto value = json::parse(text, code);
  if (!code && !(type == "list" && !value.is_array())) return value;
  return type == "list" ? json::value(split(text)) : json::value(text);
}

}  // namespace

bool is_pair(const std::string& text) {
  const auto equals = text.find('=');
  return equals != std::string::npos && equals > 0;
}

json::object read_pairs(const std::vector<std::string>& pairs, const json::object& types) {
  json::object values;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    const auto name = pair.substr(0, equals);
    const auto* type = types.if_contains(name);
    values[name] = read_value(pair.substr(equals + 1), type ? std::string(type->as_string()) : "");
  }
  return values;
}

Result<engine::Symbols, std::string> symbols_of(const json::object& store) {
  engine::Symbols symbols;
  for (const auto& [name, value] : store) {
    auto symbol = Value::from(value);
    if (!symbol.ok()) return Fail("'" + std::string(name) + "': " + symbol.error().message);
    symbols.emplace(std::string(name), std::move(symbol).value());
  }
  return symbols;
}

}  // namespace baton::client
