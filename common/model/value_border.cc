#include "common/model/value_border.h"

#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace baton {
namespace {

/// Boost.JSON's parser itself refuses bad UTF-8 and lone surrogates; this refuses what it lets through.
struct BorderHandler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  using Code = boost::json::error_code;
  std::vector<std::set<std::string, std::less<>>> keys;  // of the objects that are open
  std::string text;                                      // key or string so far
  const char* refusal = nullptr;

  bool refuse(const char* why, Code& code) {
    refusal = why;
    code = boost::json::error::extra_data;  // any error stops the parser; `refusal` says which
    return false;
  }
  bool collect(boost::json::string_view part, Code& code) {
    if (part.find('\0') != boost::json::string_view::npos)
      return refuse("a string holds the character U+0000, which Postgres cannot store", code);
    text.append(part.data(), part.size());
    return true;
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return keys.emplace_back(), true; }
  bool on_object_end(std::size_t, Code&) { return keys.pop_back(), true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(boost::json::string_view part, std::size_t, Code& code) { return collect(part, code); }
  bool on_key(boost::json::string_view part, std::size_t, Code& code) {
    if (!collect(part, code)) return false;
    if (!keys.back().insert(std::exchange(text, {})).second)
      return refuse("an object has the same key twice", code);
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, Code& code) {
    if (!collect(part, code)) return false;
    text.clear();
    return true;
  }
  bool on_string(boost::json::string_view part, std::size_t size, Code& code) {
    return on_string_part(part, size, code);
  }
  bool on_number_part(boost::json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, boost::json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, boost::json::string_view, Code&) { return true; }
  bool on_double(double number, boost::json::string_view, Code& code) {
    return std::isfinite(number) || refuse("a number is too large for a double", code);
  }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(boost::json::string_view, Code&) { return true; }
  bool on_comment(boost::json::string_view, Code&) { return true; }
};

std::string explain(const boost::json::error_code& code, const BorderHandler& handler) {
  if (handler.refusal) return handler.refusal;
  if (code == boost::json::error::too_deep)
    return "it is nested deeper than " + std::to_string(kValueDepthMax) + " levels";
  if (code == boost::json::error::incomplete) return "it ends in the middle of a value";
  return "it is not JSON: " + code.message();
}

}  // namespace

std::optional<ValueError> refuse_unstorable(std::string_view json, std::size_t bytes_max) {
  if (json.size() > bytes_max)
    return ValueError{
        "it has " + std::to_string(json.size()) + " bytes, the limit is " + std::to_string(bytes_max),
        bytes_max};
  boost::json::parse_options options;
  options.max_depth = kValueDepthMax;
  boost::json::basic_parser<BorderHandler> parser(options);
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, json.data(), json.size(), code);
  if (code) return ValueError{explain(code, parser.handler()), used};
  const std::size_t rest = json.find_first_not_of(" \t\r\n", used);
  if (rest != std::string_view::npos) return ValueError{"something follows the value", rest};
  return std::nullopt;
}

}  // namespace baton
