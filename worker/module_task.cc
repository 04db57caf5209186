#include "worker/module_task.h"

#include <algorithm>
#include <limits>

#include "common/modules/sink.h"
#include "worker/request_json.h"

namespace baton::worker {
namespace {

using modules::bytes_of;

TaskControl& control_of(void* host) {
  return *static_cast<TaskControl*>(host);
}

int cancelled(void* host) {
  return control_of(host).cancelled() ? 1 : 0;
}

int wait_cancelled(void* host, std::uint64_t milliseconds) {
  constexpr std::uint64_t kLongest = std::numeric_limits<std::int32_t>::max();
  const auto count = static_cast<std::int64_t>(std::min(milliseconds, kLongest));
  return control_of(host).wait_cancelled(Millis(count)) ? 1 : 0;
}

void progress(void* host, double share, baton_bytes note) {
  control_of(host).set_progress(share, modules::view_of(note));
}

void on_cancel(void* host, void (*then)(void*), void* self) {
  control_of(host).on_cancel(then ? std::function<void()>([then, self] { then(self); }) : nullptr);
}

}  // namespace

TaskOutcome ModuleTask::run(const wire::Request& request, TaskControl& control) const {
  const auto& delivery = request.delivery;
  const std::string key = delivery.key().to_string(), flow = delivery.flow.value.to_string();
  baton_task_context context{};
  context.host = &control;
  context.idempotency_key = bytes_of(key);
  context.flow = bytes_of(flow);
  context.atom = bytes_of(delivery.atom);
  context.job = bytes_of(request.job);
  context.dispatch = delivery.dispatch;
  context.attempt = delivery.attempt;
  context.cancelled = &cancelled;
  context.wait_cancelled = &wait_cancelled;
  context.progress = &progress;
  context.on_cancel = &on_cancel;

  modules::Sink sink(kResultBytesMax);
  if (delivery.intention == Intention::Revert) {
    const std::string undo = undo_json(request);
    type_.revert(type_.self, &context, bytes_of(undo), sink.abi());
  } else {
    const std::string_view arguments = request.arguments.is_null() ? "{}" : request.arguments.json();
    type_.execute(type_.self, &context, bytes_of(arguments), sink.abi());
  }
  return std::move(sink).outcome();
}

}  // namespace baton::worker
