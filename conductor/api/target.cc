#include "conductor/api/target.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "common/model/storable_text.h"
#include "conductor/api/time_text.h"
#include "flowfile/duration.h"

namespace baton::api {
namespace {

/// What the percent-encoded bytes of `where` are, so that they cannot be looked for.
std::optional<Problem> refuse_text(std::string_view text, const std::string& where) {
  if (text.find('\0') != std::string_view::npos) return bad_request(where + " holds a NUL character");
  if (!is_storable_text(text))
    return bad_request(where + " is no UTF-8 when it is decoded: encode text as UTF-8, then with percents");
  return std::nullopt;
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out.empty() ? "none" : out;
}

}  // namespace

Result<void, Problem> read_target(std::string_view target, Request& request) {
  const auto url = boost::urls::parse_origin_form(boost::urls::string_view(target.data(), target.size()));
  if (!url) return Fail(bad_request("the target '" + std::string(target) + "' is no path such as /v1/jobs"));
  for (auto segment : url->segments()) {
    request.path.emplace_back(segment.begin(), segment.end());
    if (auto refused = refuse_text(request.path.back(), "the path")) return Fail(*std::move(refused));
  }
  for (const auto& parameter : url->params()) {
    const std::string key(parameter.key);
    std::string value(parameter.value.begin(), parameter.value.end());
    if (auto refused = refuse_text(key, "a parameter's name")) return Fail(*std::move(refused));
    if (auto refused = refuse_text(value, "?" + key + "=")) return Fail(*std::move(refused));
    if (!request.query.emplace(key, std::move(value)).second)
      return Fail(bad_request("?" + key + "= is given twice: give it once"));
  }
  return {};
}

std::optional<Problem> unknown_parameters(const Request& request,
                                          std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return bad_request("?" + name + "= is not known here; known: " + listed(known));
  return std::nullopt;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint64_t, Problem> number_parameter(const Request& request, const std::string& name,
                                                std::uint64_t fallback, std::uint64_t min,
                                                std::uint64_t max) {
  const auto given = request.query.find(name);
  if (given == request.query.end()) return fallback;
  const auto number = whole_number(given->second);
  if (!number || *number < min || *number > max)
    return Fail(bad_request("?" + name + "=" + given->second + " is no whole number from " +
                            std::to_string(min) + " to " + std::to_string(max)));
  return *number;
}

std::vector<std::string> comma_list(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (end > begin) items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

Result<std::optional<TimePoint>, Problem> time_parameter(const Request& request, const std::string& name,
                                                         TimePoint now) {
  const auto text = text_parameter(request, name);
  if (text.empty()) return std::optional<TimePoint>();
  if (const auto ago = flowfile::read_duration(text)) return std::optional<TimePoint>(now - *ago);
  if (const auto time = read_instant(text)) return time;
  return Fail(
      bad_request("?" + name + "=" + text +
                  " is no instant (2026-11-26T06:00:00Z, 2026-11-26) and not how long ago (15m, 2h, 7d)"));
}

Result<bool, Problem> dry_run_parameter(const Request& request) {
  const auto given = text_parameter(request, "dry_run");
  if (given == "true") return true;
  if (given.empty() || given == "false") return false;
  return Fail(bad_request("?dry_run=" + given + " is neither true nor false"));
}

std::string text_parameter(const Request& request, const std::string& name) {
  const auto given = request.query.find(name);
  return given == request.query.end() ? std::string() : given->second;
}

}  // namespace baton::api
