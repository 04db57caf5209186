#include <array>

#include "common/model/assert.h"
#include "engine/engine_core.h"
#include "engine/retry_policy.h"
#include "engine/symbol_lookup.h"
#include "engine/undispatched.h"

namespace baton::engine {
namespace {

const RetryHistory& history_of(const AtomRecord& atom) {
  return atom.history.or_default();
}

}  // namespace

void Engine::Core::on(const AtomFinished& finished) {
  const AtomRecord& atom = book.atom(finished.atom);
  const bool executes = finished.intention == Intention::Execute;
  const AtomState expected = executes ? AtomState::Running : AtomState::Reverting;
  // Anything else is an answer to a delivery that counts no more: late, repeated, or from before a
  // redelivery.
  if (is_retry(finished.atom) || atom.state != expected || atom.attempt != finished.attempt ||
      atom.dispatch != finished.dispatch)
    return;
  replacing.erase(finished.atom);
  if (const auto* value = std::get_if<Value>(&finished.outcome)) {
    closing.erase(finished.atom);
    return executes ? execution_succeeded(finished.atom, *value) : revert_succeeded(finished.atom, *value);
  }
  Failure failure = as_reported(std::get<Failure>(finished.outcome));
  // It was asked to end, and did: that is what it failed of.
  if (closing.contains(finished.atom))
    return end_closed(finished.atom, "it said " + failure.type + ": " + failure.message);
  end_in_failure(finished.atom, std::move(failure));
}

void Engine::Core::execution_succeeded(AtomIndex atom, Value value) {
  cancel_timer(atom);
  AtomRecord after = book.atom(atom);
  std::uint8_t changed = after.failure ? kFailureChanged : 0;
  if (after.revert_failure) changed |= kRevertFailureChanged;
  after.state = AtomState::Success;
  after.delivery.reset();
  after.failure.reset();
  after.revert_failure.reset();
  if (is_retry(atom)) {
    if (!after.history) after.history = RetryHistory();
    after.history.edit().push_back({std::move(value), {}, {}});
    changed |= kHistoryChanged;
  } else {
    after.result = std::move(value);
    changed |= kResultChanged;
  }
  book.change(atom, std::move(after), changed);
}

void Engine::Core::execution_failed(AtomIndex atom, Failure failure) {
  cancel_timer(atom);
  AtomRecord after = book.atom(atom);
  std::uint8_t changed = kFailureChanged;
  if (after.revert_failure) changed |= kRevertFailureChanged;
  if (!after.result.is_null()) changed |= kResultChanged;
  after.state = AtomState::Failure;
  after.delivery.reset();
  after.failure = std::move(failure);
  after.revert_failure.reset();
  after.result = Value();
  book.change(atom, std::move(after), changed);
  if (cancelling) return;  // what is to be reverted is marked already, and no retry is asked
  if (options.never_resolve)
    stopping = true;
  else
    resolve(atom, Resolver::Asking::Fresh);
}

void Engine::Core::resolve(AtomIndex failed, Resolver::Asking asking) {
  if (!resolver.resolve(failed, now, asking)) return;
  awaiting_grant.insert(failed);
  if (book.state() == FlowState::Running)
    book.change_flow(FlowState::Suspending, "no attempt is left after the failure of '" + plan->name(failed) +
                                                "': resume to grant one more, or cancel");
}

void Engine::Core::revert_succeeded(AtomIndex atom, Value value) {
  cancel_timer(atom);
  AtomRecord after = book.atom(atom);
  std::uint8_t changed = 0;
  if (!(after.revert_result == value)) changed |= kRevertResultChanged;
  if (after.revert_failure) changed |= kRevertFailureChanged;
  if (!history_of(after).empty()) changed |= kHistoryChanged;
  after.state = AtomState::Reverted;
  after.delivery.reset();
  after.revert_result = std::move(value);
  after.revert_failure.reset();
  after.history.reset();  // the next attempt of an outer retry finds a retry new (semantics.md 29)
  book.change(atom, std::move(after), changed);
}

void Engine::Core::revert_failed(AtomIndex atom, Failure failure) {
  cancel_timer(atom);
  AtomRecord after = book.atom(atom);
  after.state = AtomState::RevertFailure;
  after.delivery.reset();
  after.revert_failure = std::move(failure);
  book.change(atom, std::move(after), kRevertFailureChanged);
  if (is_forgiven(atom))
    revert_rest();
  else
    stopping = true;
}

bool Engine::Core::is_forgiven(AtomIndex atom) const {
  return !is_retry(atom) && task(atom).on_revert_failure == OnRevertFailure::Continue;
}

/// Behind a failed revert the flow cannot succeed any more, whatever a retry wanted. What a cancel keeps it
/// keeps.
void Engine::Core::revert_rest() {
  if (!(cancelling && cancelling->keep)) resolver.revert_all();
}

/// A retry that was started in the last round.
void Engine::Core::retry_ended(AtomIndex atom) {
  const AtomRecord& record = book.atom(atom);
  const Intention call = record.state == AtomState::Running ? Intention::Execute : Intention::Revert;
  auto failure = options.before_retry ? options.before_retry(atom, call) : std::nullopt;
  if (call == Intention::Revert)
    return failure ? revert_failed(atom, *std::move(failure)) : revert_succeeded(atom, {});
  if (failure) return execution_failed(atom, *std::move(failure));
  const RetrySpec& spec = plan->retry(atom);
  const auto arguments = find_arguments(book, atom, arguments_of(spec));
  if (!arguments) return execution_failed(atom, arguments.error());
  const Value given =
      looks_at_arguments(spec.policy) ? Value::from_stored(arguments_json(*arguments)) : Value();
  auto outcome = execute_retry({plan->name(atom), spec, history_of(record), given}, options.user_retries);
  return outcome ? execution_succeeded(atom, *outcome) : execution_failed(atom, outcome.error());
}

}  // namespace baton::engine
