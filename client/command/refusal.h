#pragma once

#include <string>

#include "client/command/context.h"

namespace baton::client {

/// How a command says that it could not be done: on stderr, for people or (--output json) as problem details.

/// A conductor's problem (title, detail, each error): Refused. What is none: refuse_shape().
Ended refuse(const Context&, const Answer&);
/// Nobody answered.
Ended refuse(const Context&, const Unreachable&);
/// Somebody answered, but not as a conductor does: Unreachable.
Ended refuse_shape(const Context&, const Answer&);
/// The arguments, or a file that they name, are wrong.
Ended refuse_usage(const Context&, const std::string& what);
/// Told by something else than the API.
Ended refuse_as(const Context&, Ended, const std::string& what);

/// Whether it is one of the API's problems.
bool is_problem(const Answer&);

}  // namespace baton::client
