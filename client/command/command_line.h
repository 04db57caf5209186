#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "client/command/context.h"

namespace baton::client {

/// What `baton admin` does beside the API: connects to the servers itself. Given by main.cc, the only place
/// that names concrete adapters. `settings_file` is a conductor's.
struct Admin {
  std::function<Ended(const std::string&settings_file, std::ostream&out, std::ostream&err)> migrate,
      make_topics;
};

struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  std::string api;                     // BATON_API, or the default
  bool terminal = false;
};

/// Runs the `baton` command.
Ended run_command(const Invocation&, const Admin&, std::ostream& out, std::ostream& err);

}  // namespace baton::client
