#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/assert.h"
#include "common/model/result.h"
#include "common/runtime/setting.h"

namespace baton::runtime {

/// Why the settings cannot be used, for people: where, what, what was known, what to do. Exit code 2.
struct SettingsError {
  std::string message;
};

/// Where a value comes from, ascending: the later one wins.
enum class SettingSource { Fallback, File, Environment, Flag };

/// The settings of one program. Sources are read in the order file, environment, flags; each value is checked
/// where it is read, so that what get() returns is within its bounds. Immutable once read.
class Settings {
 public:
  /// Every setting that the program knows. Two of one name are our bug.
  explicit Settings(const std::vector<SettingSpec>& schema);

  /// A TOML file; "[worker] slots = 4" and "worker.slots = 4" are the same.
  Result<void, SettingsError> read_file(const std::string& path);
  /// BATON_WORKER_SLOTS=4. Other variables that begin with BATON_ are not ours to judge.
  Result<void, SettingsError> read_environment(const std::function<const char*(const char*)>& getenv);
  /// `where` for messages: "--set", "--worker.slots". Secrets are refused: command lines are public.
  Result<void, SettingsError> read_flag(std::string_view name, std::string_view text, std::string_view where);

  /// Asking for a setting that is not of the schema is our bug.
  template <class T>
  const T& get(const Setting<T>& setting) const {
    return std::get<T>(value_of(setting.name));
  }

  /// As a settings file, each line with the source of its value, its bounds with their unit, and its default;
  /// secrets masked.
  void print(std::ostream&) const;

  const std::vector<SettingSpec>& schema() const { return schema_; }

 private:
  struct Entry {
    SettingValue value;
    SettingSource source = SettingSource::Fallback;
    std::string where;  // "/etc/baton/worker.toml:3", "BATON_WORKER_SLOTS", "--set"
  };

  const SettingValue& value_of(std::string_view name) const;
  Entry* find(std::string_view name);
  SettingsError unknown(std::string_view name, const std::string& where) const;
  const SettingSpec& spec_of(const Entry&) const;
  Result<void, SettingsError> set(Entry&, SettingValue, SettingSource, std::string where,
                                  std::string_view shown);

  std::vector<SettingSpec> schema_;  // by name
  std::vector<Entry> entries_;       // same index
};

}  // namespace baton::runtime
