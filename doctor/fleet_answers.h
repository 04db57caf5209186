#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "doctor/seen.h"

/// A conductor's answers, read: what is missing or of another shape is taken as not told.
namespace baton::doctor {

/// A conductor as another one lists it (GET /v1/conductors).
struct ListedConductor {
  std::string name, api, host, version, incarnation;
  bool answering = false;  // it is the one that was asked
};
std::vector<ListedConductor> read_conductors(const boost::json::value&);
void read_self(const boost::json::value&, ConductorSeen&);  // GET /v1/self
std::vector<WorkerSeen> read_workers(const boost::json::value&);
std::vector<LeftAloneSeen> read_left_alone(const boost::json::value&);

/// "2026-11-26T05:58:20.000001Z"; nothing: it is none.
std::optional<TimePoint> read_time(const std::string&);

}  // namespace baton::doctor
