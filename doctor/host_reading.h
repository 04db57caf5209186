#pragma once

#include <string>
#include <vector>

#include "doctor/seen.h"

namespace baton::doctor {

/// What this host says of itself: clock, descriptors, the daemons' folders, and the guardian, which stands
/// beside `program` ("": not looked for).
HostSeen read_host(const std::vector<std::string>& folders, const std::string& program);

}  // namespace baton::doctor
