#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "client/command/context.h"

namespace baton::client {

/// What a list or a show asks for and how it is written.
struct View {
  std::string target;  // "/v1/workers"
  const char* member;  // that a conductor's answer has
  std::function<void(std::ostream&, const boost::json::value&)> write;
  /// How it ended, if it has; null: it never does.
  std::function<std::optional<Ended>(const boost::json::value&)> ended = {};
};

/// Shows it once; with `every_s` > 0 again and again, until it has ended or a signal comes: on a terminal in
/// place, else as one more block (or line of JSON, document of YAML) whenever something has changed beside
/// how long it takes. Who does not answer later is asked again, and told once.
Ended show_view(const Context&, const View&, int every_s);

}  // namespace baton::client
