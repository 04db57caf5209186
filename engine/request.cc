#include <algorithm>

#include "common/model/assert.h"
#include "engine/engine_core.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {

Request Engine::Core::request(AtomIndex atom) const {
  const AtomRecord& record = book.atom(atom);
  BATON_ASSERT(record.state == AtomState::Running || record.state == AtomState::Reverting);
  BATON_ASSERT(record.delivery.has_value());
  Request request;
  request.atom = plan->name(atom);
  request.task_type = task(atom).type;
  request.intention = record.state == AtomState::Running ? Intention::Execute : Intention::Revert;
  request.attempt = record.attempt;
  request.dispatch = record.dispatch;
  // Not refused when it was started, and what it reads does not change while it runs.
  request.arguments = task_arguments(book, atom, request.intention);
  if (const auto limit = task(atom).timeouts.or_default().start_to_close)
    request.start_to_close = record.delivery->close_deadline
                                 ? std::max(until(*record.delivery->close_deadline), Millis(0))
                                 : *limit;
  if (request.intention == Intention::Revert) {
    request.failure = record.failure;
    if (!record.failure) request.result = record.result;
    request.flow_failures = book.failures_told();
  }
  return request;
}

}  // namespace baton::engine
