#pragma once

#include <string>
#include <vector>

#include "common/modules/module_set.h"
#include "worker/task_registry.h"

namespace baton::local {

/// What tasks this process can run: modules', named commands', and the task type `command`, which may run any
/// program: whoever starts a flow here could run it as well.
struct TaskTypes {
  struct Files {
    std::vector<std::string> modules, commands;
    std::string guard = {};  // the program baton-command-guard; empty: the one beside this program
  };
  modules::ModuleSet modules;
  worker::TaskRegistry registry;  // behind the modules that its tasks are of

  /// `alive`: held by commands until they are dead (worker/command_process.h); -1: none. The error is for
  /// people.
  Result<void, std::string> load(const Files&, int alive);

  /// As a slot's arguments, and read from them.
  static std::vector<std::string> arguments_of(const Files&);
  static Files files_of(const std::vector<std::string>& arguments);
};

}  // namespace baton::local
