#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "common/model/result.h"

namespace baton::api {

/// A member of a body that is a string of `least` to `most` bytes; or what it is instead, and what is wanted.
Result<std::string, std::string> text_member(const boost::json::object&, const std::string& name,
                                             std::size_t least, std::size_t most);

}  // namespace baton::api
