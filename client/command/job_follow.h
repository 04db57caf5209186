#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>

#include "client/command/context.h"

namespace baton::client {

/// How far a job is followed.
struct Following {
  /// Of each row of its history, in order; `state` is the flow's then (empty: none seen). Nullopt: it goes
  /// on.
  std::function<std::optional<Ended>(const boost::json::value& row, const std::string& state)> row;
  /// The job has ended in this state.
  std::function<Ended(const std::string& state)> end;
  /// Rows before that of this order are not shown; 0: all are.
  std::int64_t from_order = 0;
  std::int64_t run = 1;  // that an earlier one has ended is no end
};

/// Shows a job's rows as they come, with a bar below them on a terminal.
Ended follow_job(const Context&, const std::string& uuid, const Following&);

}  // namespace baton::client
