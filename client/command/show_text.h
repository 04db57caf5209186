#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <string>

namespace baton::client {

/// A job of the API with its atoms as a tree of flows: state, attempt, worker, duration, why it waits or
/// failed.
void print_job(std::ostream&, const boost::json::value& job, bool colours);
/// One line of the history, of a row as a terminal may have it (terminal_text.h): when, which atom (or first
/// … last, or the flow), what happened to it.
std::string history_line(const boost::json::value& row, bool colours);
/// A job's flow; of a stored flow file with its version: "create-cluster@3".
std::string shown_flow(const boost::json::value& job);
/// A time of the API's, with milliseconds.
std::string shown_time(const std::string& rfc3339);
/// Why the job does not move or did not succeed, on one line, cut; empty: it is well.
std::string shown_reason(const boost::json::value& job);
/// The state in its colour: green for success, red for failure, yellow for what is under way.
std::string shown_state(const std::string& state, bool colours);

}  // namespace baton::client
