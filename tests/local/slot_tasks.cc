#include "tests/local/slot_tasks.h"

#include <signal.h>
#include <unistd.h>

#include <functional>

#include "local/task_slot.h"

namespace baton::test {
namespace {

using worker::TaskControl;
using worker::TaskOutcome;

class Task final : public worker::TaskBody {
 public:
  using Run = std::function<TaskOutcome(const wire::Request&, TaskControl&)>;
  explicit Task(Run run) : run_(std::move(run)) {}
  TaskOutcome run(const wire::Request& request, TaskControl& control) const override {
    return run_(request, control);
  }

 private:
  Run run_;
};

TaskOutcome crash(const wire::Request&, TaskControl&) {
  ::signal(SIGSEGV, SIG_DFL);
  ::raise(SIGSEGV);
  return Value();
}

TaskOutcome wait(const wire::Request&, TaskControl& control) {
  control.wait_cancelled(Millis(60'000));
  return Failure::make(std::string(failure_type::kCancelled), "was asked to end");
}

/// Its program says what is no frame, and lives on.
TaskOutcome babble(const wire::Request&, TaskControl&) {
  [[maybe_unused]] const auto written = ::write(local::kSlotSocket, "\xff\xff\xff\xff", 4);
  for (;;) ::pause();
}

TaskOutcome deaf(const wire::Request&, TaskControl&) {
  for (;;) ::pause();
}

}  // namespace

void add_slot_tasks(worker::TaskRegistry& registry) {
  const auto add = [&](const char* type, Task::Run run) {
    (void)registry.add(type, "the test", std::make_unique<Task>(std::move(run)));
  };
  add("echo", [](const auto& request, auto&) -> TaskOutcome { return request.arguments; });
  add("pid", [](const auto&, auto&) -> TaskOutcome { return Value::of_number(::getpid()); });
  add("crash", crash);
  add("exit", [](const auto&, auto&) -> TaskOutcome { ::_exit(7); });
  add("thread", [](const auto&, auto&) -> TaskOutcome { return Value::of_number(::gettid()); });
  add("babble", babble);
  add("wait", wait);
  add("deaf", deaf);
  add("says", [](const auto&, auto& control) -> TaskOutcome {
    control.set_progress(0.5, "half");
    return wait({}, control);
  });
}

}  // namespace baton::test
