#include "common/runtime/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cmath>

#include "common/model/assert.h"
#include "common/model/value.h"
#include "common/runtime/settings.h"

namespace baton::runtime {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;_-+/@#%()*<>|~^&!?$";

std::atomic<LogLevel> least_level{LogLevel::Warning};
std::atomic<LogFormat> format{LogFormat::Text};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  BATON_ASSERT(false);
  return spdlog::level::off;
}

spdlog::logger& logger() {
  // Never destroyed: threads of client libraries may log while the process ends.
  static auto& made = *new std::shared_ptr<spdlog::logger>([] {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    auto result = std::make_shared<spdlog::logger>("baton", std::move(sink));
    result->set_level(spdlog::level::trace);  // least_level decides
    return result;
  }());
  return *made;
}

void set_pattern(LogFormat wanted) {
  logger().set_pattern(wanted == LogFormat::Json ? R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                                 : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v",
                       spdlog::pattern_time_type::utc);
}

std::string number_text(double number) {
  // JSON has no infinities; a log must stay readable by machines.
  return std::isfinite(number) ? fmt::format("{}", number) : std::string("null");
}

/// What a terminal obeys besides C0, which no JSON text has as it is: DEL, and C1 as UTF-8.
std::string without_controls(std::string_view json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool is_c1 =
        json[i] == '\xC2' && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xA0;
    if (is_c1 || json[i] == '\x7F')
      text += fmt::format("\\u{:04x}", static_cast<unsigned char>(json[is_c1 ? ++i : i]));
    else
      text += json[i];
  }
  return text;
}

std::string json_text(std::string_view text) {
  return without_controls(Value::of_string(text).json());  // replaces what is no UTF-8
}

struct Render {
  bool json;
  std::string operator()(std::string_view text) const {
    const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
    return plain && !json ? std::string(text) : json_text(text);
  }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(const Uuid& uuid) const {
    return json ? '"' + uuid.to_string() + '"' : uuid.to_string();
  }
  std::string operator()(const Epoch& epoch) const {
    const auto text = std::to_string(epoch.generation) + "." + std::to_string(epoch.lock_czxid);
    return json ? '"' + text + '"' : text;
  }
};

LogLevel level_named(std::string_view name) {
  return name == "debug"     ? LogLevel::Debug
         : name == "warning" ? LogLevel::Warning
         : name == "error"   ? LogLevel::Error
                             : LogLevel::Info;
}

}  // namespace

void LogField::append_text(std::string& out) const {
  out.append(" ").append(name_).append("=").append(std::visit(Render{false}, value_));
}

void LogField::append_json(std::string& out) const {
  out.append(",\"").append(name_).append("\":").append(std::visit(Render{true}, value_));
}

Log Log::with(LogFields fields) const {
  auto identity = std::make_shared<Identity>(identity_ ? *identity_ : Identity{});
  for (const auto& field : fields) {
    field.append_text(identity->text);
    field.append_json(identity->json);
  }
  Log log;
  log.identity_ = std::move(identity);
  return log;
}

bool Log::enabled(LogLevel level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) const {
  if (!enabled(level)) return;
  std::string line;
  if (format.load(std::memory_order_relaxed) == LogFormat::Json) {
    line = "\"msg\":" + json_text(message);
    if (identity_) line += identity_->json;
    for (const auto& field : fields) field.append_json(line);
  } else {
    line = message;
    if (identity_) line += identity_->text;
    for (const auto& field : fields) field.append_text(line);
  }
  logger().log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void start_logging(LogLevel level, LogFormat wanted) {
  format = wanted;
  set_pattern(wanted);
  least_level = level;
}

void start_logging(const Settings& settings) {
  const auto& wanted = settings.get(kLogFormat);
  const bool text = wanted == "text" || (wanted == "auto" && isatty(STDERR_FILENO) == 1);
  start_logging(level_named(settings.get(kLogLevel)), text ? LogFormat::Text : LogFormat::Json);
}

}  // namespace baton::runtime
