#pragma once

#include <cstdint>

#include "worker/task_registry.h"

namespace baton::local {

/// A program that is to be its own slots calls run_task_slot() when its first argument is this word; the
/// second is the number of the process that started it.
inline constexpr const char* kSlotWord = "task-slot";
inline constexpr int kSlotSocket =
    3;  // frames (frames.h) of wire messages: Requests of one, Cancel; Answers, Report
inline constexpr int kSlotAlive = 5;  // held, if it is open, until this process and its commands are dead

/// Runs what it is asked, one task at a time, until the other side is gone; ends the process.
/// A task that crashes takes this process with it, and nothing else.
[[noreturn]] void run_task_slot(int parent, const worker::TaskRegistry&);

}  // namespace baton::local
