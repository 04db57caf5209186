#include "common/runtime/settings_file.h"

#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "common/model/name_list.h"

namespace baton::runtime {
namespace {

constexpr std::size_t kWrongBytesMax = 500;                 // of what the parser says
constexpr std::size_t kSettingsFileBytesMax = 1024 * 1024;  // a larger one was named by mistake

std::optional<SettingValue> texts(const toml::array& array) {
  std::vector<std::string> values;
  for (const auto& element : array) {
    const auto* text = element.as_string();
    if (!text) return std::nullopt;
    values.push_back(text->get());
  }
  return values;
}

std::optional<SettingValue> value_of(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) return texts(*array);
  return std::nullopt;
}

std::string shown(const toml::node& node) {
  std::ostringstream text;
  node.visit([&text](const auto& typed) { text << typed; });
  return text.str();
}

void collect(const toml::table& table, const std::string& prefix, const std::string& path,
             std::vector<SettingsLine>& lines) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      collect(*inner, name + ".", path, lines);
      continue;
    }
    lines.push_back(
        {name, value_of(node), path + ":" + std::to_string(key.source().begin.line), shown(node)});
  }
}

}  // namespace

Result<std::vector<SettingsLine>, SettingsError> read_settings_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kSettingsFileBytesMax + 1, '\0');
  if (!file || (file.read(text.data(), static_cast<std::streamsize>(text.size())), file.bad()))
    return Fail(SettingsError{path + ": cannot read the settings file: " + std::strerror(errno) +
                              "\n  --settings names another one"});
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kSettingsFileBytesMax)
    return Fail(SettingsError{path + ": over " + std::to_string(kSettingsFileBytesMax) +
                              " bytes, so this is hardly a settings file\n  --settings names another one"});
  try {
    std::vector<SettingsLine> lines;
    collect(toml::parse(text, path), "", path, lines);
    return lines;
  } catch (const toml::parse_error& error) {
    return Fail(SettingsError{path + ":" + std::to_string(error.source().begin.line) +
                              ": not TOML: " + shown_name(error.description(), kWrongBytesMax)});
  }
}

}  // namespace baton::runtime
