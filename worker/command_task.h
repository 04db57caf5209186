#pragma once

#include <optional>

#include "worker/command_process.h"
#include "worker/command_spec.h"
#include "worker/task_registry.h"

namespace baton::worker {

/// A program as a task, so that any language can serve: the request as JSON on stdin, the result as JSON on
/// stdout (nothing: null). The identity also comes as BATON_IDEMPOTENCY_KEY, BATON_FLOW, BATON_ATOM,
/// BATON_DISPATCH, BATON_ATTEMPT.
/// Exit code 0: success; stdout that is no JSON: BadResult. Any other: CommandFailed with the code and
/// stderr's tail, or the failure {"type", "message", "details"} that it wrote to stdout. A signal:
/// TaskCrashed.
class CommandTask final : public TaskBody {
 public:
  /// Without a spec: the task type `command`, whose arguments say what to run.
  CommandTask(CommandLauncher launcher, std::optional<CommandSpec> spec)
      : launcher_(std::move(launcher)), spec_(std::move(spec)) {}
  TaskOutcome run(const wire::Request&, TaskControl&) const override;

 private:
  CommandLauncher launcher_;
  std::optional<CommandSpec> spec_;
};

}  // namespace baton::worker
