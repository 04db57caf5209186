#include <algorithm>

#include "engine/engine_core.h"

namespace baton::engine {

void Engine::Core::on(const Started& started) {
  generation = started.generation;
  const std::string again = run > 1 ? "run " + std::to_string(run) : std::string();
  switch (book.state()) {
    case FlowState::Suspended:  // parked until somebody resumes it
      tells_parked = true;
      return;
    case FlowState::Reverted:
    case FlowState::Cancelled:  // a rerun begins anew (semantics.md 42)
      book.intend_range(0, static_cast<AtomIndex>(book.size()), Intention::Execute, true);
      book.change_flow(FlowState::Pending, again);
      [[fallthrough]];
    case FlowState::Pending:
      if (run > 1 && asked_run) return begin_asked_run();
      if (run > 1 && was_undone())
        book.intend_range(0, static_cast<AtomIndex>(book.size()), Intention::Execute, true);
      [[fallthrough]];
    case FlowState::Success:
    case FlowState::Failure:  // a rerun goes on (33)
      book.change_flow(FlowState::Running, again);
      return recover();
    case FlowState::Running:
    case FlowState::Suspending:
      return recover();
    case FlowState::Resuming:
    case FlowState::Rejected:
    case FlowState::Trashed:
      return;  // Engine::make refuses them
  }
}

/// A rerun's claim has put the flow back to PENDING; what the run before has left tells how it ended: undone
/// (REVERTED, CANCELLED), or else SUCCESS or FAILURE, from where a rerun goes on.
bool Engine::Core::was_undone() const {
  if (book.count(AtomState::RevertFailure) > 0 || stuck()) return false;
  if (book.count(AtomState::Success) + book.count(AtomState::Ignore) == book.size()) return false;
  if (book.count(AtomState::Failure) == 0) return true;
  bool cancelled = false;
  book.failed().each(0, static_cast<AtomIndex>(book.size()), [&](AtomIndex atom) {
    cancelled = cancelled || (book.atom(atom).state == AtomState::Failure && was_cancelled(atom));
  });
  return cancelled;
}

/// Ended by a cancel of a run before; its failure is nobody's to answer.
bool Engine::Core::was_cancelled(AtomIndex atom) const {
  return run > 1 && book.atom(atom).failure->type == failure_type::kCancelled;
}

void Engine::Core::recover(Resolver::Asking asking) {
  recovered = true;
  if (book.count(AtomState::RevertFailure) > 0)
    for (AtomIndex atom = 0; atom < book.size(); ++atom)
      if (book.atom(atom).state == AtomState::RevertFailure && is_forgiven(atom)) revert_rest();
  // Usually the failure and its resolution share a commit, and this finds nothing to do. A cancel asks no
  // retry, and what it has ended stays ended in a later run that goes on with its rollback.
  if (!options.never_resolve && !cancelling && book.count(AtomState::Failure) > 0)
    for (AtomIndex atom = 0; atom < book.size(); ++atom)
      if (book.atom(atom).state == AtomState::Failure && !was_cancelled(atom)) resolve(atom, asking);
  for (AtomIndex atom = 0; atom < book.size(); ++atom) {
    switch (book.atom(atom).state) {
      case AtomState::Retrying:
        reset_again(atom);
        break;
      case AtomState::Running:
      case AtomState::Reverting:
        resend(atom);
        break;
      case AtomState::Pending:
      case AtomState::Success:
      case AtomState::Failure:
      case AtomState::Reverted:
      case AtomState::RevertFailure:
      case AtomState::Ignore:
        break;
    }
  }
  book.readiness().renew_all();
}

/// RETRYING, the reset behind it and RUNNING share a commit; only a store that keeps less than a commit can
/// show a retry in between.
void Engine::Core::reset_again(AtomIndex retry) {
  AtomRecord after = book.atom(retry);
  after.intention = Intention::Execute;
  book.change(retry, std::move(after), 0, "its flow is reset again after a restore");
  resolver.reset_behind(retry);
}

/// The recorded worker may hold the delivery, or never have seen it: a copy of the send is right in both
/// cases. An execution that is to be reverted must not start once more, so its worker is asked first
/// (PROTOCOL.md H24). One that was asked to end is asked again.
void Engine::Core::resend(AtomIndex atom) {
  const AtomRecord& record = book.atom(atom);
  if (is_late(atom)) return close_late(atom);
  if (!record.delivery)
    place_again(atom);
  else if (record.state == AtomState::Running && record.intention == Intention::Revert)
    copies.push_back({atom, true});
  else
    copies.push_back({atom});
  arm_deadline(atom);
}

}  // namespace baton::engine
