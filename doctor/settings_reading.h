#pragma once

#include <functional>
#include <string>

#include "doctor/seen.h"

namespace baton::doctor {

/// Reads a conductor's or a worker's settings file (which it is, its names tell: one that only one of them
/// has), the environment on top, as the daemon would.
SettingsSeen read_settings(const std::string& file, const std::function<const char*(const char*)>& getenv);

}  // namespace baton::doctor
