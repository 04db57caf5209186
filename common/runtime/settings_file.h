#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "common/runtime/settings.h"

namespace baton::runtime {

/// One value of a settings file, with its place.
struct SettingsLine {
  std::string name;                   // tables joined by dots
  std::optional<SettingValue> value;  // nothing: of a type that no setting has (a float, a date, …)
  std::string where;                  // "path:line"
  std::string shown;                  // the value as TOML, for messages
};

/// Reads a TOML file of at most kSettingsFileBytesMax; the values are not checked against a schema.
Result<std::vector<SettingsLine>, SettingsError> read_settings_file(const std::string& path);

}  // namespace baton::runtime
