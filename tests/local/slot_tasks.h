#pragma once

#include "worker/task_registry.h"

namespace baton::test {

/// The task types of these tests: "echo" gives its arguments, "pid" the process that runs it, "crash" ends
/// that by SIGSEGV, "exit" by leaving, "wait" ends when it is cancelled, "deaf" never; "says" says that
/// it is half done, and waits.
void add_slot_tasks(worker::TaskRegistry&);

}  // namespace baton::test
