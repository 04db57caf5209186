#pragma once

#include <baton/module.h>

#include "worker/task_registry.h"

namespace baton::worker {

/// A task type of a module: calls it over the C ABI on the executor's thread.
class ModuleTask final : public TaskBody {
 public:
  explicit ModuleTask(const baton_task_type& type) : type_(type) {}
  TaskOutcome run(const wire::Request&, TaskControl&) const override;

 private:
  const baton_task_type& type_;  // of a module, so it lives as long as the process
};

}  // namespace baton::worker
