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

/// Takes what it needs of the answer, as it is. A body of another shape than a conductor's, at which `take`
/// throws (Boost.JSON's as_array() of what is none), is refused.
Ended read(const Context&, const Answer&, const std::function<void(const boost::json::value&)>& take);

/// The same, and writes what `write` makes of it to context.out, if all of it is right; for people it is
/// given as a terminal may have it.
Ended print(const Context&, const Answer&,
            const std::function<void(std::ostream&, const boost::json::value&)>& write);

/// Both; --output json prints the body as it is.
Ended ask_and_print(const Context&, const std::string& target, const char* member,
                    const std::function<void(std::ostream&, const boost::json::value&)>& write);

}  // namespace baton::client
