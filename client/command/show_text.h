#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <string>

namespace baton::client {

/// A job of the API with its atoms as a tree of flows: state, attempt, worker, duration, why it waits or
/// failed.
void print_job(std::ostream&, const boost::json::value& job, bool colours);
/// One line of an atom's or the flow's change, as in history and watch.
std::string history_line(const boost::json::value& row, bool colours);
/// The state in its colour: green for success, red for failure, yellow for what is under way.
std::string shown_state(const std::string& state, bool colours);

}  // namespace baton::client
