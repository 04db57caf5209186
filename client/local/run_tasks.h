#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/command/local_words.h"
#include "client/local/session_problem.h"
#include "common/model/result.h"
#include "common/runtime/asio_loop.h"
#include "conductor/modules/module_catalogue.h"
#include "engine/plan.h"
#include "local/task_types.h"

namespace baton::client {

/// What runs the tasks of a local run: modules, commands, what the embedding program adds, and where they
/// run. `state_lock`: the descriptor that keeps the state file this process's, for its children; -1: none.
class RunTasks {
 public:
  using AddTypes = std::function<Result<void, std::string>(worker::TaskRegistry&)>;

  /// `options` must outlive it; `add_types`: none: null.
  RunTasks(const RunOptions& options, AddTypes add_types)
      : options_(options), add_types_(std::move(add_types)) {}

  MaybeProblem load_modules();  // once
  MaybeProblem load_types(int state_lock);
  /// Whether there is a type for each of the plan's tasks.
  MaybeProblem check(const engine::Plan&) const;

  conductor::ModuleCatalogue& catalogue() { return catalogue_; }
  const conductor::ModuleCatalogue& catalogue() const { return catalogue_; }
  std::uint32_t slots() const;  // tasks at a time

  /// Behind load_types(); ends before this.
  std::unique_ptr<worker::TaskExecutor> make_executor(runtime::AsioLoop&, int state_lock) const;

 private:
  local::TaskTypes::Files files() const;

  const RunOptions& options_;
  const AddTypes add_types_;
  conductor::ModuleCatalogue catalogue_;
  std::unique_ptr<local::TaskTypes> types_;
  bool modules_loaded_ = false;
};

}  // namespace baton::client
