#include "common/runtime/setting.h"

#include <algorithm>

#include "common/model/assert.h"
#include "common/runtime/setting_text.h"

namespace baton::runtime {
namespace {

bool well_named(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

bool has_unit(std::string_view name, std::string_view unit) {
  return name.find(unit) != std::string_view::npos;
}

}  // namespace

SettingSpec::SettingSpec(const Setting<bool>& setting)
    : name(setting.name), doc(setting.doc), fallback(setting.fallback) {
  BATON_ASSERT(well_named(name));
}

SettingSpec::SettingSpec(const Setting<std::int64_t>& setting)
    : name(setting.name),
      doc(setting.doc),
      unit(setting.unit),
      fallback(setting.fallback),
      min(setting.min),
      max(setting.max) {
  BATON_ASSERT(well_named(name) && (unit == "bytes") == has_unit(name, "_bytes") && !has_unit(name, "_ms"));
  BATON_ASSERT(min <= setting.fallback && setting.fallback <= max);
}

SettingSpec::SettingSpec(const Setting<Millis>& setting)
    : name(setting.name),
      doc(setting.doc),
      unit("ms"),
      fallback(setting.fallback),
      min(setting.min.count()),
      max(setting.max.count()) {
  BATON_ASSERT(well_named(name) && has_unit(name, "_ms"));
  BATON_ASSERT(setting.min <= setting.fallback && setting.fallback <= setting.max);
}

SettingSpec::SettingSpec(const Setting<std::string>& setting)
    : name(setting.name),
      doc(setting.doc),
      fallback(std::string(setting.fallback)),
      choices(split(setting.choices, '|')),
      secret(setting.secret) {
  BATON_ASSERT(well_named(name));
  BATON_ASSERT(choices.empty() || std::count(choices.begin(), choices.end(), setting.fallback) == 1);
}

SettingSpec::SettingSpec(const Setting<std::vector<std::string>>& setting)
    : name(setting.name), doc(setting.doc), fallback(split(setting.fallback, ',')) {
  BATON_ASSERT(well_named(name));
}

std::string SettingSpec::expected() const {
  if (std::holds_alternative<bool>(fallback)) return "true or false";
  if (std::holds_alternative<std::vector<std::string>>(fallback)) return "a list of texts";
  if (!choices.empty()) return "one of " + join(choices, ", ");
  if (std::holds_alternative<std::string>(fallback)) return "a text";
  const std::string what = unit == "ms" ? "milliseconds" : "a whole number";
  return what + " from " + std::to_string(min) + " to " + std::to_string(max) +
         (unit.empty() || unit == "ms" ? "" : " (" + unit + ")");
}

std::string SettingSpec::environment_name() const {
  std::string result = "BATON_";
  for (const char c : name)
    result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '.' ? '_' : c;
  return result;
}

}  // namespace baton::runtime
