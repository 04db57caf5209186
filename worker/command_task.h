#pragma once

#include <utility>
#include <variant>

#include "worker/allowed_programs.h"
#include "worker/command_process.h"
#include "worker/command_spec.h"
#include "worker/task_registry.h"

namespace baton::worker {

/// A program as a task, so that any language can serve: the request as JSON on stdin, the result as JSON on
/// stdout (nothing: null), or as whatever text it prints (`stdout: text`). The identity also comes as
/// BATON_IDEMPOTENCY_KEY, BATON_FLOW, BATON_ATOM, BATON_DISPATCH, BATON_ATTEMPT. Exit code 0: success; stdout
/// that is no JSON: BadResult. Any other: CommandFailed with the code and stderr's tail, or the failure
/// {"type", "message", "details"} that it wrote to stdout. A signal: TaskCrashed.
class CommandTask final : public TaskBody {
 public:
  CommandTask(CommandLauncher launcher, CommandSpec spec)
      : launcher_(std::move(launcher)), what_(std::move(spec)) {}
  /// The task type `command`: its arguments say what to run, as far as that is allowed.
  CommandTask(CommandLauncher launcher, AllowedPrograms allowed)
      : launcher_(std::move(launcher)), what_(std::move(allowed)) {}
  TaskOutcome run(const wire::Request&, TaskControl&) const override;

 private:
  Result<CommandSpec, std::string> spec_for(const Value& arguments) const;

  CommandLauncher launcher_;
  std::variant<CommandSpec, AllowedPrograms> what_;
};

}  // namespace baton::worker
