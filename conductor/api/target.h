#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"
#include "conductor/api/exchange.h"
#include "conductor/api/problem.h"

namespace baton::api {

/// Splits a request's target ("/v1/jobs/a%20b?limit=5") into decoded segments and parameters. Refused: what
/// is no origin form, a parameter given twice, NULs, what is no UTF-8.
Result<void, Problem> read_target(std::string_view target, Request&);

/// Refuses parameters that the route does not know: a misspelt filter must not look like an empty one.
std::optional<Problem> unknown_parameters(const Request&, std::initializer_list<std::string_view> known);

/// A parameter that is a whole number from min to max; missing: the fallback.
Result<std::uint64_t, Problem> number_parameter(const Request&, const std::string& name,
                                                std::uint64_t fallback, std::uint64_t min, std::uint64_t max);

/// "RUNNING,FAILURE": each of them a word that `read` knows; missing: none.
template <class Item, class Read>
Result<std::vector<Item>, Problem> words_parameter(const Request&, const std::string& name,
                                                   std::string_view known, Read read);

/// An instant (RFC 3339, or a day: its begin in UTC), or how long ago ("90s", "15m", "2h", "7d"); missing:
/// none.
Result<std::optional<TimePoint>, Problem> time_parameter(const Request&, const std::string& name,
                                                         TimePoint now);

/// ?dry_run=true: everything is checked as ever, and nothing is changed. Missing or false: it is done.
Result<bool, Problem> dry_run_parameter(const Request&);

std::string text_parameter(const Request&, const std::string& name);

/// Decimal digits only, the whole text; nullopt otherwise and where it does not fit.
std::optional<std::uint64_t> whole_number(std::string_view);

/// "a,b" -> {"a", "b"}
std::vector<std::string> comma_list(const std::string&);

template <class Item, class Read>
Result<std::vector<Item>, Problem> words_parameter(const Request& request, const std::string& name,
                                                   std::string_view known, Read read) {
  std::vector<Item> items;
  for (const auto& word : comma_list(text_parameter(request, name))) {
    const auto item = read(word);
    if (!item)
      return Fail(bad_request("?" + name + "=" + word + " is no " + name + "; known: " + std::string(known)));
    items.push_back(*item);
  }
  return items;
}

}  // namespace baton::api
