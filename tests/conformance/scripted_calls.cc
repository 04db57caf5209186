#include "tests/conformance/scripted_calls.h"

namespace baton::conformance {

void ScriptedCalls::begin(const wire::Request& request, worker::TaskExecutor::Done done) {
  auto turn = cast_.task({request.delivery.atom, request.delivery.intention, request.arguments,
                          request.result, request.failure});
  running_.emplace(pace_.begin(turn.slow_seconds), Running{std::move(turn.outcome), std::move(done)});
}

void ScriptedCalls::end_some() {
  for (const auto number : pace_.next()) {
    auto ended = running_.extract(number);
    ended.mapped().done(std::move(ended.mapped().outcome));
  }
}

}  // namespace baton::conformance
