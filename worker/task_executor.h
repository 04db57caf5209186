#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "common/model/failure.h"
#include "common/wire/messages.h"

namespace baton::worker {

using TaskOutcome = std::variant<Value, Failure>;
using CallId = std::uint64_t;  // one execution or revert in this process

/// What a task says of itself while it runs.
struct TaskProgress {
  double share = 0;  // 0 … 1
  std::string note;
};

/// Where task code runs: threads of this process (ThreadExecutor), later processes; in the simulator, virtual
/// time. Owner's thread only; how many run at once is the caller's choice.
class TaskExecutor {
 public:
  using Done = std::function<void(TaskOutcome)>;

  virtual ~TaskExecutor() = default;

  virtual bool knows(std::string_view task_type) const = 0;
  /// Executes or reverts, by the delivery's intention. `done` is called once, on the owner's thread, never
  /// inline, unless the executor is destroyed before. A call that ended because of cancel() gives a failure
  /// of type Cancelled, or whatever outcome it reached all the same.
  virtual void start(CallId, const wire::Request&, Done done) = 0;
  /// Asks the call to end soon; it may take its time, or never obey. Unknown and ended calls are ignored.
  virtual void cancel(CallId) = 0;
  virtual TaskProgress progress(CallId) const = 0;
};

}  // namespace baton::worker
