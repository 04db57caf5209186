#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "client/command/context.h"
#include "client/command/doctor_options.h"
#include "client/command/local_words.h"

namespace baton::client {

/// What `baton admin` did.
struct AdminEnd {
  Ended ended = Ended::Success;
  std::string wrong;         // why it was not done, for people
  boost::json::object done;  // for --output json
};

/// What `baton admin` does beside the API: connects to the servers itself. Given by main.cc, the only place
/// that names concrete adapters. `settings_file` is a conductor's; `dry_run`: all is looked at, nothing
/// is changed; `say` takes lines for people meanwhile.
struct Admin {
  using Say = std::function<void(std::string_view line)>;
  using Do = std::function<AdminEnd(const std::string& settings_file, bool dry_run, const Say& say)>;
  using Prune = std::function<AdminEnd(const std::string& settings_file, std::chrono::seconds older_than,
                                       bool dry_run, const Say& say)>;
  Do migrate, make_topics;
  Doctor doctor;
  Prune prune;
  Do change_shards;
};

struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  std::string api;                     // BATON_API; empty: not set
  bool terminal = false;               // people look at what it prints
  std::string profile = {};            // BATON_PROFILE
  std::string profiles_file = {};      // empty: there is no place for one
  bool no_color = false;               // NO_COLOR
};

/// Runs the `baton` command.
Ended run_command(const Invocation&, const Admin&, const Local&, std::ostream& out, std::ostream& err);

}  // namespace baton::client
