#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <vector>

#include "doctor/finding.h"
#include "doctor/round.h"

namespace baton::doctor {

/// For people: a line a finding, why and what to do below those that are not well, and a sum. The worst
/// last, where the eye is.
void print_report(std::ostream&, const std::vector<Finding>&, bool colours);
/// For programs: {"verdict", "counts", "findings": [{"verdict", "check", "subject", "seen", "why",
/// "advice"}]}
boost::json::value report_json(const std::vector<Finding>&);

inline constexpr std::size_t kProgressWidth = 79;  // a terminal's 80 columns, or its end would stay

/// "asking (5 of 12 have answered): Kafka kafka-1:9092, …"
std::string progress_line(const Progress&, std::size_t width);

}  // namespace baton::doctor
