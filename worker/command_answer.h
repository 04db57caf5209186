#pragma once

#include "worker/command_process.h"
#include "worker/task_executor.h"

namespace baton::worker {

/// What a command's end says as its task's answer, as CommandTask tells: by its exit code or signal, and by
/// what it wrote, which may be anything. `text`: what it prints is the result, as a string; otherwise that is
/// JSON.
TaskOutcome answer_of(const CommandRun&, const CommandEnd&, bool text);

}  // namespace baton::worker
