#include "conductor/api/time_text.h"

#include <cctype>

namespace baton::api {
namespace {

using namespace std::chrono;

/// Takes what it understands off the text's begin.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<TimePoint> read() {
    const auto day = read_day();
    if (!day) return std::nullopt;
    if (rest_.empty()) return TimePoint(*day);
    if (!skip('T') && !skip('t') && !skip(' ')) return std::nullopt;
    const auto time = read_time();
    const auto zone = time ? read_zone() : std::nullopt;
    if (!zone || !rest_.empty()) return std::nullopt;
    return TimePoint(*day) + *time - *zone;
  }

 private:
  bool skip(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// So many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  std::optional<sys_days> read_day() {
    const auto y = number(4);
    if (!y || !skip('-')) return std::nullopt;
    const auto m = number(2);
    if (!m || !skip('-')) return std::nullopt;
    const auto d = number(2);
    if (!d) return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
  }

  std::optional<Micros> read_hours_minutes() {
    const auto h = number(2);
    if (!h || *h > 23 || !skip(':')) return std::nullopt;
    const auto m = number(2);
    if (!m || *m > 59) return std::nullopt;
    return hours(*h) + minutes(*m);
  }

  std::optional<Micros> read_time() {
    auto time = read_hours_minutes();
    if (!time || !skip(':')) return time;
    const auto s = number(2);
    if (!s || *s > 60) return std::nullopt;
    *time += seconds(*s);
    if (!skip('.')) return time;
    Micros unit{100'000};
    const std::size_t before = rest_.size();
    for (auto digit = number(1); digit; digit = number(1)) *time += *digit * unit, unit /= 10;
    return rest_.size() < before ? time : std::nullopt;
  }

  std::optional<Micros> read_zone() {
    if (skip('Z') || skip('z')) return Micros{0};
    const bool east = skip('+');
    if (!east && !skip('-')) return std::nullopt;
    const auto offset = read_hours_minutes();
    if (!offset) return std::nullopt;
    return east ? *offset : -*offset;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<TimePoint> read_instant(std::string_view text) {
  return Reader(text).read();
}

}  // namespace baton::api
