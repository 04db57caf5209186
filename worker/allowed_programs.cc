#include "worker/allowed_programs.h"

#include <algorithm>

#include "common/model/name_list.h"

namespace baton::worker {
namespace {

constexpr const char* kHint =
    "\n  hint: the worker's setting worker.command_programs says what tasks of type 'command' may run; a "
    "command with a task type of its own is described in a file that worker.commands names";

}  // namespace

AllowedPrograms AllowedPrograms::any() {
  AllowedPrograms all;
  all.any_ = true;
  return all;
}

Result<AllowedPrograms, std::string> AllowedPrograms::read(const std::vector<std::string>& programs) {
  AllowedPrograms allowed;
  for (const auto& program : programs) {
    if (program == "*")
      allowed.any_ = true;
    else if (program.starts_with('/'))
      allowed.paths_.push_back(program);
    else
      return Fail("worker.command_programs: '" + program +
                  "' is no path\n  hint: write the whole path, such as /usr/bin/rsync, or * for any program");
  }
  return allowed;
}

bool AllowedPrograms::allows(const std::string& program) const {
  return any_ || std::find(paths_.begin(), paths_.end(), program) != paths_.end();
}

std::string AllowedPrograms::why_not(const CommandSpec& command) const {
  for (const auto* argv : {&command.argv, &command.revert_argv})
    if (!argv->empty() && !allows(argv->front()))
      return "'" + shown_name(argv->front()) + "' may not be run here; allowed: " + name_list(paths_) + kHint;
  if (!any_ && !command.env.empty())
    return "'env' may not be given here, where only some programs are allowed: " + name_list(paths_) + kHint;
  return {};
}

}  // namespace baton::worker
