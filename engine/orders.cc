#include <utility>

#include "engine/engine_core.h"

/// What people ask of a flow. The host has recorded the order before (PROTOCOL.md I21).
namespace baton::engine {
namespace {

std::string note_of(const std::string& what, const std::string& who, const std::string& why) {
  return what + (who.empty() ? "" : " by " + who) + (why.empty() ? "" : ": " + why);
}

}  // namespace

void Engine::Core::answer(OrderId order, std::string no_effect) {
  if (order != 0) out->commands.push_back(OrderTaken{order, std::move(no_effect)});
}

std::string Engine::Core::state_name() const {
  return std::string(to_string(book.state()));
}

/// Nothing new starts; what is started ends and is recorded (semantics.md 41).
void Engine::Core::on(const SuspendAsked& asked) {
  if (book.state() != FlowState::Running) return answer(asked.order, "the flow is " + state_name());
  answer(asked.order);
  book.change_flow(FlowState::Suspending, note_of("suspended", asked.who, asked.why));
  for (auto& [atom, each] : replacing) {
    each.offered = false;
    unoffered.push_back(atom);
  }
}

void Engine::Core::on(const ResumeAsked& asked) {
  if (book.state() != FlowState::Suspending && book.state() != FlowState::Suspended)
    return answer(asked.order, "the flow is " + state_name());
  answer(asked.order);
  book.change_flow(FlowState::Running, note_of("resumed", asked.who, asked.why));
  if (!recovered) return recover(Resolver::Asking::Granted);
  for (const AtomIndex failed : std::exchange(awaiting_grant, {}))
    if (book.atom(failed).state == AtomState::Failure && book.atom(failed).intention == Intention::Execute)
      resolve(failed, Resolver::Asking::Granted);
  book.readiness().renew_all();
}

void Engine::Core::note_cancel(const CancelAsked& asked) {
  if (is_final(book.state())) return;
  if (!cancelling) cancelling.emplace(Cancelling{asked.who, asked.why, asked.keep});
}

/// Running tasks are asked to end, and everything that ran is reverted, unless it is to be kept; a rollback
/// under way goes on in both cases. No retry is asked any more.
void Engine::Core::on(const CancelAsked& asked) {
  if (!cancelling || is_final(book.state())) return answer(asked.order, "the flow is " + state_name());
  const std::string note = note_of("cancelled", cancelling->who, cancelling->why);
  if (std::exchange(cancelling->begun, true))
    return answer(asked.order, "the flow is being " + note + (cancelling->keep ? " (keeping)" : ""));
  answer(asked.order);
  awaiting_grant.clear();
  if (book.state() != FlowState::Running && !asked.in_force) {
    book.change_flow(FlowState::Running, note);
    if (!recovered) recover();
  }
  for (AtomIndex atom = 0; atom < book.size(); ++atom) {
    const AtomRecord& record = book.atom(atom);
    if (record.state == AtomState::Running && !is_retry(atom))
      close(atom, record, Failure::make(std::string(failure_type::kCancelled), note));
    if (record.intention == Intention::Retry) book.intend(atom, Intention::Revert), cancel_timer(atom);
  }
  if (!cancelling->keep) resolver.revert_all();
  book.readiness().renew_all();
}

}  // namespace baton::engine
