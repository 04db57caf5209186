#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/model/time.h"

/// Every setting is declared once, as a constant in the settings.h of the program it belongs to:
///
///   inline constexpr Setting<Millis> kClaimPauseMax{
///       .name = "conductor.claim_pause_ms_max", .doc = "Longest pause between two tries to claim a job.",
///       .fallback = 5'000ms, .min = 100ms, .max = 60'000ms};
///
/// Names are lower case, grouped by a dot, and carry their unit: durations `_ms`, sizes `_bytes`.
namespace baton::runtime {

using SettingValue = std::variant<bool, std::int64_t, Millis, std::string, std::vector<std::string>>;

template <class T>
struct Setting;

template <>
struct Setting<bool> {
  std::string_view name;
  std::string_view doc;
  bool fallback = false;
};

template <>
struct Setting<std::int64_t> {
  std::string_view name;
  std::string_view doc;
  std::string_view unit = {};  // "bytes", "tasks", …; for people
  std::int64_t fallback;
  std::int64_t min;
  std::int64_t max;
};

template <>
struct Setting<Millis> {
  std::string_view name;
  std::string_view doc;
  Millis fallback;
  Millis min;
  Millis max;
};

template <>
struct Setting<std::string> {
  std::string_view name;
  std::string_view doc;
  std::string_view fallback = {};
  std::string_view choices = {};  // "auto|text|json"; empty: any text
  bool secret = false;            // never printed, never taken from a command line
};

template <>
struct Setting<std::vector<std::string>> {
  std::string_view name;
  std::string_view doc;
  std::string_view fallback = {};  // separated by commas, as in the environment and in flags
};

/// A setting with its type erased: what files, environment and flags are checked against.
struct SettingSpec {
  std::string name;
  std::string doc;
  std::string unit;
  SettingValue fallback;  // its alternative is the setting's type
  std::int64_t min = 0;   // of numbers and durations
  std::int64_t max = 0;
  std::vector<std::string> choices;
  bool secret = false;

  SettingSpec(const Setting<bool>&);          // NOLINT: implicit on purpose, a Schema is a list of settings
  SettingSpec(const Setting<std::int64_t>&);  // NOLINT
  SettingSpec(const Setting<Millis>&);        // NOLINT
  SettingSpec(const Setting<std::string>&);   // NOLINT
  SettingSpec(const Setting<std::vector<std::string>>&);  // NOLINT

  /// "a whole number from 1 to 1024 (tasks)", "true or false", "one of auto, text, json", …
  std::string expected() const;
  std::string environment_name() const;  // "worker.slots" -> "BATON_WORKER_SLOTS"
};

}  // namespace baton::runtime
