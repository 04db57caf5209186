#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::worker {

/// A program that is a task: {"argv": […], "revert_argv": […]?, "env": {…}?, "cwd": …?, "timeout_ms": …?,
/// "stdout": "json" | "text"?}.
struct CommandSpec {
  std::vector<std::string> argv;         // argv[0] is looked for in PATH, as execvp does
  std::vector<std::string> revert_argv;  // empty: nothing to undo
  std::map<std::string, std::string> env;
  std::string cwd;  // empty: the worker's
  std::optional<Millis> timeout;
  bool text_result = false;  // the result is what it prints, as a string; otherwise that is JSON

  /// Other members are refused where `only_ours`: in a settings file they are slips; among a task's arguments
  /// they are the command's own business. The error names the member, what is wrong and what is known.
  static Result<CommandSpec, std::string> read(const boost::json::object&, bool only_ours);
};

/// Named command tasks of a worker: a JSON file {"cluster.configure": {"argv": […]}, …}. The error says
/// where.
Result<std::map<std::string, CommandSpec>, std::string> read_commands_file(const std::string& path);

}  // namespace baton::worker
