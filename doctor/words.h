#pragma once

#include <string>
#include <vector>

#include "common/model/time.h"

namespace baton::doctor {

/// "a, b and c".
std::string listed(const std::vector<std::string>&);
/// "850 ms", "4.2 s", "5 min", "3 h": for people.
std::string lasting(Millis);

}  // namespace baton::doctor
