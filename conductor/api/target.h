#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/result.h"
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

std::string text_parameter(const Request&, const std::string& name);

/// Decimal digits only, the whole text; nullopt otherwise and where it does not fit.
std::optional<std::uint64_t> whole_number(std::string_view);

}  // namespace baton::api
