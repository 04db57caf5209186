#include "local/task_types.h"

#include "worker/command_task.h"
#include "worker/module_task.h"

namespace baton::local {
namespace {

constexpr const char* kModule = "--module";
constexpr const char* kCommands = "--commands";
constexpr const char* kGuard = "--guard";

}  // namespace

Result<void, std::string> TaskTypes::load(const Files& files, int alive) {
  const worker::CommandLauncher launcher(
      files.guard.empty() ? worker::CommandLauncher::guard_beside_program() : files.guard, alive);
  auto added = registry.add("command", "local mode",
                            std::make_unique<worker::CommandTask>(launcher, worker::AllowedPrograms::any()));
  for (const auto& file : files.modules)
    if (auto loaded = modules.load(file); !loaded.ok()) return Fail(loaded.error().message);
  for (const auto& [type, entry] : modules.tasks())
    if (added = registry.add(type, "module '" + entry.module + "'",
                             std::make_unique<worker::ModuleTask>(*entry.type));
        !added.ok())
      return added;
  for (const auto& file : files.commands) {
    const auto commands = worker::read_commands_file(file);
    if (!commands.ok()) return Fail(commands.error());
    for (const auto& [type, spec] : commands.value())
      if (added = registry.add(type, file, std::make_unique<worker::CommandTask>(launcher, spec));
          !added.ok())
        return added;
  }
  return added;
}

std::vector<std::string> TaskTypes::arguments_of(const Files& files) {
  std::vector<std::string> arguments;
  for (const auto& file : files.modules) arguments.insert(arguments.end(), {kModule, file});
  for (const auto& file : files.commands) arguments.insert(arguments.end(), {kCommands, file});
  if (!files.guard.empty()) arguments.insert(arguments.end(), {kGuard, files.guard});
  return arguments;
}

TaskTypes::Files TaskTypes::files_of(const std::vector<std::string>& arguments) {
  Files files;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    if (arguments[i] == kModule) files.modules.push_back(arguments[i + 1]);
    if (arguments[i] == kCommands) files.commands.push_back(arguments[i + 1]);
    if (arguments[i] == kGuard) files.guard = arguments[i + 1];
  }
  return files;
}

}  // namespace baton::local
