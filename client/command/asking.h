#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <variant>

#include "client/command/context.h"

namespace baton::client {

/// An answer of a conductor with 200 whose body is an object with this member; or how it ended, after saying
/// so.
std::variant<Answer, Ended> ask(const Context&, const std::string& target, const char* member);

/// The same of an answer that is there.
std::variant<Answer, Ended> checked(const Context&, Result<Answer, Unreachable>, const char* member);

/// Writes what `write` makes of the answer to context.out. A body of another shape than a conductor's, at
/// which `write` throws (Boost.JSON's as_array() of what is none), is refused and nothing is written.
Ended print(const Context&, const Answer&,
            const std::function<void(std::ostream&, const boost::json::value&)>& write);

/// Both; --output json prints the body as it is.
Ended ask_and_print(const Context&, const std::string& target, const char* member,
                    const std::function<void(std::ostream&, const boost::json::value&)>& write);

}  // namespace baton::client
