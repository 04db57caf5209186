#pragma once

#include <string>

#include "conductor/inspection.h"

namespace baton::api {

/// The conductor's counters and gauges in Prometheus' text format, to stand behind the process's own.
std::string metrics_text(const conductor::Inspection&);

}  // namespace baton::api
