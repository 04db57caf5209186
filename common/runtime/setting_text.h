#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/setting.h"

/// Settings' values to and from text: the environment, flags, --print-config and messages.
namespace baton::runtime {

std::vector<std::string> split(std::string_view text,
                               char separator);  // without blanks around; "" is no part
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Of the spec's type, whatever its bounds; nothing if the text is not of that type.
std::optional<SettingValue> value_of_type(const SettingSpec&, std::string_view text);
/// Of the same type as the spec's, and within its bounds and choices.
bool accepts(const SettingSpec&, const SettingValue&);

/// As a settings file has it: true, 5000, "text", ["a", "b"].
std::string to_toml(const SettingValue&);

/// The known name that is most like the wrong one; nothing if none is near enough to be meant.
std::optional<std::string> nearest(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace baton::runtime
