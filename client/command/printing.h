#pragma once

#include <boost/json/value.hpp>

#include "client/command/context.h"

namespace baton::client {

void print_value(const Context&, const boost::json::value&);

}  // namespace baton::client
