#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "common/model/ids.h"
#include "common/model/time.h"
#include "common/runtime/setting.h"

namespace baton::runtime {

enum class LogLevel { Debug, Info, Warning, Error };

/// One named value of a record: {"atom", name}, {"attempt", 2}. Refers to texts, copies nothing: for use as
/// an argument only. Names as everywhere: job, flow, atom, attempt, dispatch, epoch, worker, conductor.
class LogField {
 public:
  LogField(std::string_view name, std::string_view text) : name_(name), value_(text) {}
  LogField(std::string_view name, const char* text) : name_(name), value_(std::string_view(text)) {}
  LogField(std::string_view name, const std::string& text) : name_(name), value_(std::string_view(text)) {}
  LogField(std::string_view name, std::same_as<bool> auto flag) : name_(name), value_(flag) {}
  LogField(std::string_view name, std::signed_integral auto number)
      : name_(name), value_(std::int64_t{number}) {}
  LogField(std::string_view name,
           std::unsigned_integral auto number) requires(!std::same_as<decltype(number), bool>)
      : name_(name), value_(std::uint64_t{number}) {}
  LogField(std::string_view name, double number) : name_(name), value_(number) {}
  LogField(std::string_view name, const Uuid& uuid) : name_(name), value_(uuid) {}
  LogField(std::string_view name, const Epoch& epoch) : name_(name), value_(epoch) {}
  template <class Tag, class V>
  LogField(std::string_view name, const Id<Tag, V>& id) : LogField(name, id.value) {}

  void append_text(std::string& out) const;  // " name=value", quoted where it must be
  void append_json(std::string& out) const;  // ","name":value"

 private:
  std::string_view name_;
  std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double, Uuid, Epoch> value_;
};
using LogFields = std::initializer_list<LogField>;

/// Writes records with an identity that was given once:
///
///   const Log log = runtime::Log().with({{"job", job.id}, {"flow", flow.id}, {"epoch", epoch}});
///   log.info("atom dispatched", {{"atom", key.atom}, {"attempt", key.attempt}});
///
/// Cheap to copy. From any thread. To stderr; see start_logging. Secrets are never given to it.
class Log {
 public:
  Log() = default;
  Log with(LogFields identity) const;

  /// Ask before costly fields only: a record below the level costs next to nothing.
  static bool enabled(LogLevel);

  void write(LogLevel, std::string_view message, LogFields fields = {}) const;
  void debug(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::Debug, message, fields);
  }
  void info(std::string_view message, LogFields fields = {}) const { write(LogLevel::Info, message, fields); }
  void warning(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::Warning, message, fields);
  }
  void error(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::Error, message, fields);
  }

 private:
  struct Identity {
    std::string text, json;  // rendered once in both forms: logging may be started later
  };
  std::shared_ptr<const Identity> identity_;
};

inline constexpr Setting<std::string> kLogLevel{.name = "log.level",
                                                .doc = "Least level that is logged.",
                                                .fallback = "info",
                                                .choices = "debug|info|warning|error"};
inline constexpr Setting<std::string> kLogFormat{
    .name = "log.format",
    .doc = "Text for people or JSON for machines; auto: text on a terminal.",
    .fallback = "auto",
    .choices = "auto|text|json"};

class Settings;
/// As the settings say. Before it: warnings and errors, as text.
void start_logging(const Settings&);

enum class LogFormat { Text, Json };
void start_logging(LogLevel, LogFormat);

}  // namespace baton::runtime
