#pragma once

#include <functional>
#include <string>

#include "client/command/doctor_options.h"

namespace baton::doctor {

/// What the process that runs it says of itself.
struct OwnProgram {
  std::string version;
  std::string path;  // of the program; "": not known
  std::function<const char*(const char*)> getenv;
  /// Called instead of returning when questions are still out (round.h): ends the process with this code.
  std::function<void(client::Ended)> leave;
};

/// Asks every server, setting, version and clock that it is told of, prints what it thinks of them. Success:
/// nothing is wrong; FlowFailed (1): something is; Unreachable: nobody has answered at all.
client::Ended run(const OwnProgram&, const client::Context&, const client::DoctorOptions&);

}  // namespace baton::doctor
