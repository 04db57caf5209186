#include "common/runtime/settings.h"

#include <algorithm>
#include <ostream>

#include "common/model/name_list.h"
#include "common/model/value.h"
#include "common/runtime/setting_text.h"
#include "common/runtime/settings_file.h"

namespace baton::runtime {
namespace {

constexpr std::string_view kMask = "\"********\"";

std::string describe(const SettingSpec& spec) {
  return "\n  " + spec.name + ": " + spec.doc;
}

SettingsError unfit(const SettingSpec& spec, const std::string& where, std::string_view shown) {
  return {where + ": " + spec.name + " = " + (spec.secret ? std::string(kMask) : shown_name(shown)) +
          ": expected " + spec.expected() + describe(spec)};
}

/// What may stand there, in which unit, and what stands there if nothing is said.
std::string bounds_of(const SettingSpec& spec, SettingSource source) {
  if (spec.secret) return spec.expected() + "; a secret: file or environment only";
  const bool shown = source == SettingSource::Fallback;  // as the value itself
  return spec.expected() + (shown ? "" : "; default " + to_toml(spec.fallback));
}

}  // namespace

Settings::Settings(const std::vector<SettingSpec>& schema) : schema_(schema) {
  const auto by_name = [](const SettingSpec& a, const SettingSpec& b) { return a.name < b.name; };
  std::sort(schema_.begin(), schema_.end(), by_name);
  std::map<std::string, std::string> environment;
  for (const auto& spec : schema_) {
    const bool alone = environment.emplace(spec.environment_name(), spec.name).second;
    BATON_ASSERT(alone);  // also two names that differ by '.' and '_' only
    entries_.push_back({spec.fallback, SettingSource::Fallback, "default"});
  }
}

Result<void, SettingsError> Settings::read_file(const std::string& path) {
  auto lines = read_settings_file(path);
  if (!lines) return Fail(lines.error());
  for (auto& line : *lines) {
    Entry* entry = find(line.name);
    if (!entry) return Fail(unknown(line.name, line.where));
    // TOML has no durations: whole numbers of milliseconds.
    if (std::holds_alternative<Millis>(entry->value) && line.value)
      if (const auto* number = std::get_if<std::int64_t>(&*line.value)) line.value = Millis(*number);
    if (!line.value) return Fail(unfit(spec_of(*entry), line.where, line.shown));
    if (auto done = set(*entry, std::move(*line.value), SettingSource::File, line.where, line.shown); !done)
      return done;
  }
  return {};
}

Result<void, SettingsError> Settings::read_environment(
    const std::function<const char*(const char*)>& getenv) {
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const std::string variable = schema_[i].environment_name();
    const char* text = getenv(variable.c_str());
    if (!text) continue;
    auto value = value_of_type(schema_[i], text);
    if (!value) return Fail(unfit(schema_[i], variable, quoted(text)));
    if (auto done = set(entries_[i], std::move(*value), SettingSource::Environment, variable, quoted(text));
        !done)
      return done;
  }
  return {};
}

Result<void, SettingsError> Settings::read_flag(std::string_view name, std::string_view text,
                                                std::string_view where) {
  Entry* entry = find(name);
  if (!entry) return Fail(unknown(name, std::string(where)));
  const SettingSpec& spec = spec_of(*entry);
  if (spec.secret)
    return Fail(
        SettingsError{std::string(where) + ": " + spec.name +
                      " is a secret, and everybody on this machine can read command lines\n  give it in "
                      "the settings file (mode 0600) or as " +
                      spec.environment_name()});
  auto value = value_of_type(spec, text);
  if (!value) return Fail(unfit(spec, std::string(where), quoted(text)));
  return set(*entry, std::move(*value), SettingSource::Flag, std::string(where), quoted(text));
}

void Settings::print(std::ostream& out) const {
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const auto* text = std::get_if<std::string>(&entries_[i].value);
    const bool masked = schema_[i].secret && text && !text->empty();
    out << schema_[i].name << " = " << (masked ? std::string(kMask) : to_toml(entries_[i].value)) << "  # "
        << entries_[i].where << "; " << bounds_of(schema_[i], entries_[i].source) << '\n';
  }
}

const SettingValue& Settings::value_of(std::string_view name) const {
  const Entry* entry = const_cast<Settings*>(this)->find(name);
  BATON_ASSERT(entry != nullptr);
  return entry->value;
}

Settings::Entry* Settings::find(std::string_view name) {
  const auto at = std::lower_bound(schema_.begin(), schema_.end(), name,
                                   [](const SettingSpec& spec, std::string_view n) { return spec.name < n; });
  if (at == schema_.end() || at->name != name) return nullptr;
  return &entries_[static_cast<std::size_t>(at - schema_.begin())];
}

const SettingSpec& Settings::spec_of(const Entry& entry) const {
  return schema_[static_cast<std::size_t>(&entry - entries_.data())];
}

SettingsError Settings::unknown(std::string_view name, const std::string& where) const {
  std::vector<std::string> known;
  for (const auto& spec : schema_) known.push_back(spec.name);
  const auto meant = nearest(name, known);
  return {where + ": unknown setting '" + shown_name(name) + "'" +
          (meant ? "\n  did you mean '" + *meant + "'?" : "") + "\n  --help lists all settings"};
}

Result<void, SettingsError> Settings::set(Entry& entry, SettingValue value, SettingSource source,
                                          std::string where, std::string_view shown) {
  const SettingSpec& spec = spec_of(entry);
  if (!accepts(spec, value)) return Fail(unfit(spec, where, shown));
  BATON_ASSERT(source >= entry.source);  // file, environment, flags: in this order
  entry = {std::move(value), source, std::move(where)};
  return {};
}

}  // namespace baton::runtime
