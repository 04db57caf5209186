#include "conductor/api/target.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace baton::api {
namespace {

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
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
    if (has_nul(request.path.back())) return Fail(bad_request("the path holds a NUL character"));
  }
  for (const auto& parameter : url->params()) {
    std::string value(parameter.value.begin(), parameter.value.end());
    if (has_nul(value))
      return Fail(bad_request("?" + std::string(parameter.key) + "= holds a NUL character"));
    if (!request.query.emplace(std::string(parameter.key), std::move(value)).second)
      return Fail(bad_request("?" + std::string(parameter.key) + "= is given twice: give it once"));
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

std::string text_parameter(const Request& request, const std::string& name) {
  const auto given = request.query.find(name);
  return given == request.query.end() ? std::string() : given->second;
}

}  // namespace baton::api
