#pragma once

#include <string>

#include "client/command/context.h"

namespace baton::client {

/// The words of `baton profile`: of the file that was found when the command began (profiles.h).
Ended list_profiles(const Context&, const std::string& file);
Ended show_profile(const Context&, const std::string& file, const std::string& name);  // empty: the default
/// Makes it the default: the file is written anew beside itself, then put in its place.
Ended use_profile(const Context&, const std::string& file, const std::string& name, bool dry_run);

}  // namespace baton::client
