#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "client/command/context.h"

namespace baton::client {

/// The one place that prints for programs, as --output says: a line of JSON, or a document of YAML. Where
/// there are several, they follow one another.
void print_value(const Context&, const boost::json::value&);
/// The same of JSON that is a text already.
void print_json(const Context&, std::string_view json);
/// What went wrong, as problem details, on stderr.
void print_problem(const Context&, const boost::json::value&);

}  // namespace baton::client
