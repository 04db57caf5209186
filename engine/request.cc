#include <algorithm>

#include "common/model/assert.h"
#include "engine/engine_core.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {
namespace {

std::vector<std::pair<std::string, Failure>> failures_for_revert(const FlowBook& book) {
  std::vector<std::pair<std::string, Failure>> failures;
  std::size_t bytes = 0;
  const auto end = static_cast<AtomIndex>(book.size());
  for (AtomIndex atom = book.failed().next(0, end); atom != end; atom = book.failed().next(atom + 1, end)) {
    const Failure& failure = *book.atom(atom).failure;
    const std::string& name = book.plan().name(atom);
    bytes += name.size() + failure.type.size() + failure.message.size() + failure.details.json().size();
    if (failures.size() == kRevertFailuresMax || bytes > kRevertFailuresBytesMax) break;
    failures.emplace_back(name, failure);
  }
  return failures;
}

}  // namespace

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
  auto arguments = task_arguments(book, atom, request.intention);
  BATON_ASSERT(arguments.ok());  // looked at when it was started; what it reads does not change while it runs
  request.arguments = *std::move(arguments);
  if (const auto limit = task(atom).timeouts.or_default().start_to_close)
    request.start_to_close = record.delivery->close_deadline
                                 ? std::max(until(*record.delivery->close_deadline), Millis(0))
                                 : *limit;
  if (request.intention == Intention::Revert) {
    request.failure = record.failure;
    if (!record.failure) request.result = record.result;
    request.flow_failures = failures_for_revert(book);
  }
  return request;
}

}  // namespace baton::engine
