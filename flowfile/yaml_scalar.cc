#include "flowfile/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace baton::flowfile {
namespace {

using Kind = Node::Kind;

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> kTrue{"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> kFalse{"false", "False", "FALSE"};
/// Booleans of YAML 1.1, texts of YAML 1.2. (Its y and n are texts to every reader that is in use.)
constexpr std::array<std::string_view, 6> kOldTrue{"yes", "Yes", "YES", "on", "On", "ON"};
constexpr std::array<std::string_view, 6> kOldFalse{"no", "No", "NO", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 12> kInfinite{".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                                     "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::size_t digits_at(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}
bool all_digits(std::string_view text) {
  return !text.empty() && digits_at(text) == text.size();
}

Scalar text_scalar(std::string_view text) {
  return {Kind::Text, std::string(text), {}, {}};
}

/// Goes on as a text, so that what else is wrong is found, too.
Scalar refuse(std::string_view text, const std::string& why, const std::string& hint) {
  return {Kind::Text, std::string(text), "'" + std::string(text) + "' " + why, hint};
}

std::string quote_it(std::string_view text) {
  return "for the text write \"" + std::string(text) + "\"";
}

Scalar old_boolean(std::string_view text, const char* meaning) {
  return refuse(text, "is a boolean in YAML 1.1 and a text in YAML 1.2",
                std::string("write ") + meaning + "; " + quote_it(text));
}

/// What is left of a number when its sign is gone, in parts.
struct NumberParts {
  std::string_view whole, fraction, exponent;  // the exponent with its sign
  bool point = false, has_exponent = false;
};

std::optional<NumberParts> split_number(std::string_view text) {
  NumberParts parts;
  const auto take_digits = [&] {
    const auto count = digits_at(text);
    const auto taken = text.substr(0, count);
    text.remove_prefix(count);
    return taken;
  };
  parts.whole = take_digits();
  if (text.starts_with('.')) {
    parts.point = true;
    text.remove_prefix(1);
    parts.fraction = take_digits();
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    parts.has_exponent = true;
    parts.exponent = text.substr(1);
    const bool sign = parts.exponent.starts_with('+') || parts.exponent.starts_with('-');
    if (!all_digits(parts.exponent.substr(sign ? 1 : 0))) return std::nullopt;
    text = {};
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

Scalar decimal(std::string_view text, bool negative, const NumberParts& parts) {
  if (parts.whole.size() > 1 && parts.whole.starts_with('0') && !parts.point && !parts.has_exponent)
    return refuse(text, "is octal in YAML 1.1 and decimal in YAML 1.2",
                  "leave the leading zero out; " + quote_it(text));
  if (parts.whole.size() > 1 && parts.whole.starts_with('0'))
    return refuse(text, "begins with a zero, which no JSON number does",
                  "leave the leading zero out; " + quote_it(text));
  if (parts.has_exponent && !parts.point)
    return refuse(text, "is a number in YAML 1.2 and a text in YAML 1.1",
                  "for the number write it with a point, as in 1.0e+3; " + quote_it(text));
  std::string json = negative ? "-" : "";
  json += parts.whole.empty() ? std::string_view("0") : parts.whole;
  if (parts.point) json += "." + std::string(parts.fraction.empty() ? "0" : parts.fraction);
  if (parts.has_exponent) json += "e" + std::string(parts.exponent);
  if (!std::isfinite(std::strtod(json.c_str(), nullptr)))
    return refuse(text, "is too large for a number", quote_it(text));
  return {Kind::Number, json, {}, {}};
}

/// "0x1f", "0b101", "0o17": of these only hexadecimals are the same in both.
std::optional<Scalar> other_base(std::string_view text, std::string_view digits, bool negative) {
  if (digits.size() < 3 || digits[0] != '0') return std::nullopt;
  std::uint64_t number = 0;
  const auto read = [&](int base) {
    const char* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data() + 2, end, number, base);
    return stopped == end && error == std::errc();
  };
  if (digits[1] == 'x' && read(16))
    return Scalar{Kind::Number, (negative ? "-" : "") + std::to_string(number), {}, {}};
  if ((digits[1] == 'o' && read(8)) || (digits[1] == 'b' && read(2)))
    return refuse(text, "is a number in one version of YAML and a text in the other",
                  "for the number write " + std::string(negative ? "-" : "") + std::to_string(number) + "; " +
                      quote_it(text));
  return std::nullopt;
}

/// "12:30:45" is 45045 in YAML 1.1, "1_000" is 1000.
bool is_old_number(std::string_view digits) {
  if (digits.empty() || !is_digit(digits[0])) return false;
  const bool grouped = digits.find('_') != std::string_view::npos;
  const bool sixties = digits.find(':') != std::string_view::npos;
  if (grouped == sixties) return false;
  if (grouped)
    return std::all_of(digits.begin(), digits.end(),
                       [](char c) { return is_digit(c) || c == '_' || c == '.'; });
  for (std::string_view rest = digits; !rest.empty();) {
    const auto part = rest.substr(0, rest.find(':'));
    const bool first = part.data() == digits.data();
    const bool small = part.size() <= 2 && (part.size() < 2 || part[0] < '6');
    if (!all_digits(part) || (!first && !small)) return false;
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  return !digits.ends_with(':');
}

}  // namespace

Scalar plain_scalar(std::string_view text) {
  if (is_one_of(text, kNull)) return {Kind::Null, {}, {}, {}};
  if (is_one_of(text, kTrue)) return {Kind::Bool, "true", {}, {}};
  if (is_one_of(text, kFalse)) return {Kind::Bool, "false", {}, {}};
  if (is_one_of(text, kOldTrue)) return old_boolean(text, "true");
  if (is_one_of(text, kOldFalse)) return old_boolean(text, "false");
  if (is_one_of(text, kInfinite)) return refuse(text, "is no number that JSON has", quote_it(text));
  const bool sign = text.starts_with('-') || text.starts_with('+');
  const auto digits = text.substr(sign ? 1 : 0);
  const bool negative = text.starts_with('-');
  if (const auto parts = split_number(digits)) return decimal(text, negative, *parts);
  if (auto other = other_base(text, digits, negative)) return *std::move(other);
  if (is_old_number(digits))
    return refuse(text, "is a number in YAML 1.1 and a text in YAML 1.2", quote_it(text));
  return text_scalar(text);
}

}  // namespace baton::flowfile
