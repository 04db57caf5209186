#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace baton::client {

/// What others said, as a terminal may have it: nothing in it is obeyed. Lines stay lines.
std::string for_terminal(std::string_view text);
/// All texts in it, and the names of its members.
boost::json::value for_terminal(const boost::json::value&);

}  // namespace baton::client
