#include "client/local/run_tasks.h"

#include <utility>

#include "common/model/name_list.h"
#include "local/process_executor.h"
#include "local/serial_executor.h"

namespace baton::client {

MaybeProblem RunTasks::load_modules() {
  if (std::exchange(modules_loaded_, true)) return std::nullopt;
  if (const auto loaded = catalogue_.load(options_.modules); !loaded.ok()) return wrong(loaded.error());
  return std::nullopt;
}

local::TaskTypes::Files RunTasks::files() const {
  return {options_.modules, options_.commands, options_.command_guard};
}

MaybeProblem RunTasks::load_types(int state_lock) {
  types_ = std::make_unique<local::TaskTypes>();
  auto loaded = types_->load(files(), state_lock);
  if (loaded.ok() && add_types_) loaded = add_types_(types_->registry);
  if (!loaded.ok()) return wrong(loaded.error());
  return std::nullopt;
}

MaybeProblem RunTasks::check(const engine::Plan& plan) const {
  std::string lacking;
  for (AtomIndex atom = 0; atom < plan.size(); ++atom) {
    if (plan.kind(atom) != engine::AtomKind::Task) continue;
    const std::string& type = plan.task(atom).type;
    if (types_->registry.find(type)) continue;
    lacking += "task '" + plan.name(atom) + "' is of the type '" + type + "', which nothing here can run\n";
    if (lacking.size() > 2'000) break;  // they are all told alike
  }
  if (lacking.empty()) return std::nullopt;
  return wrong(lacking + "  known: " + name_list(types_->registry.types()) +
               "\n  hint: load its module with --module FILE, or name a command with --commands FILE");
}

std::uint32_t RunTasks::slots() const {
  return options_.executor == "serial" ? 1 : options_.slots;
}

std::unique_ptr<worker::TaskExecutor> RunTasks::make_executor(runtime::AsioLoop& loop, int state_lock) const {
  if (options_.executor == "serial") return std::make_unique<local::SerialExecutor>(loop, types_->registry);
  if (options_.executor == "process")
    return std::make_unique<local::ProcessExecutor>(
        loop, types_->registry,
        local::SlotProgram{local::SlotProgram::own_path(), local::TaskTypes::arguments_of(files()),
                           state_lock},
        options_.slots);
  return std::make_unique<worker::ThreadExecutor>(loop, types_->registry, options_.slots);
}

}  // namespace baton::client
