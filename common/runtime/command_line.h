#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <variant>
#include <vector>

#include "common/runtime/exit_codes.h"
#include "common/runtime/settings.h"

namespace baton::runtime {

/// What a daemon is called and which settings it knows.
struct Program {
  std::string name;     // "baton-worker"
  std::string about;    // one sentence for --help
  std::string version;  // for --version
  std::vector<SettingSpec> settings;
  std::string default_file;  // read if it is there and --settings names none: "/etc/baton/worker.toml"
  /// For --check-config: loads what the settings name, as a start would; what is wrong, or nothing.
  std::function<std::string(const Settings&)> problem_of = {};
};

/// What the process was given.
struct Invocation {
  std::vector<std::string> arguments;  // without the program's own name
  std::function<const char*(const char*)> getenv;
  static Invocation of_process(int argc, char** argv);
};

/// The settings to run with, or how to end now: --help, --version, --print-config and --check-config are done
/// (Success), or something was wrong and `err` says what (Usage).
///
///   --settings FILE    the settings file (TOML)
///   --set NAME=VALUE   one setting; --NAME VALUE is the same
///   --check-config     read everything, what the settings name too, say whether it is fine, end
///   --print-config     show every value, where it comes from, its unit, bounds and default, end
std::variant<Settings, ExitCode> read_command_line(const Program&, const Invocation&, std::ostream& out,
                                                   std::ostream& err);

}  // namespace baton::runtime
