#include "engine/engine_core.h"

/// What becomes of a delivery between its send and its outcome.
namespace baton::engine {
namespace {

/// So many losses of a delivery by another's fault count as one of its own (decision 17).
constexpr std::uint32_t kUncountedForOne = 10;

std::string last_of(std::uint32_t deliveries, bool charged) {
  return ", the last of " + std::to_string(deliveries) + " deliveries" +
         (charged ? "" : " (" + std::to_string(kUncountedForOne) + " lost by another's fault count as one)");
}

}  // namespace

bool Engine::Core::is_open(AtomIndex atom, Dispatch dispatch) const {
  return book.atom(atom).delivery.has_value() && book.atom(atom).dispatch == dispatch;
}

void Engine::Core::on(const HandedBack& back) {
  if (!is_open(back.atom, back.dispatch) || awaits_place(back.atom)) return;
  if (closing.contains(back.atom)) return end_closed(back.atom, {});
  cancel_timer(back.atom);
  place_again(back.atom);
}

/// Nothing is delivered for ever: what is never to blame may be what nobody found.
bool Engine::Core::counts(const DeliveryLost& lost) {
  if (lost.charged) return true;
  if (++uncounted[lost.atom] < kUncountedForOne) return false;
  uncounted.erase(lost.atom);
  return true;
}

void Engine::Core::on(const DeliveryLost& lost) {
  const AtomRecord& atom = book.atom(lost.atom);
  if (!is_open(lost.atom, lost.dispatch) || awaits_place(lost.atom)) return;
  if (closing.contains(lost.atom)) return end_closed(lost.atom, "its worker is gone: " + lost.why);
  cancel_timer(lost.atom);
  const bool executes = atom.state == AtomState::Running;
  // To be reverted anyway: no use in executing it again (semantics.md 40).
  if (executes && atom.intention == Intention::Revert) {
    place_again(lost.atom);
    return;
  }
  const bool refused = executes && task(lost.atom).on_worker_loss == OnWorkerLoss::Fail;
  const bool counted = counts(lost);
  const bool last = counted && atom.delivery->deliveries >= task(lost.atom).max_deliveries;
  if (!refused && !last) {
    place_again(lost.atom, counted ? Because::WorkerLost : Because::WorkerLostUncharged);
    return;
  }
  Failure failure = Failure::make(std::string(failure_type::kWorkerLost),
                                  "worker '" + atom.delivery->worker_name + "' was lost (" + lost.why + ")" +
                                      (refused ? "; the task may not be delivered again"
                                               : last_of(task(lost.atom).max_deliveries, lost.charged)));
  end_in_failure(lost.atom, std::move(failure));
}

/// The answer to a cancel, or to a probe: the worker has never started it and will not.
void Engine::Core::on(const DeliveryClosed& closed) {
  if (!is_open(closed.atom, closed.dispatch) || awaits_place(closed.atom)) return;
  if (closing.contains(closed.atom))
    return end_closed(closed.atom, closed.abandoned ? "abandoned by the conductor" : "");
  cancel_timer(closed.atom);
  place_again(closed.atom);
}

/// A delivery that is to fail goes on until its worker has ended it: only then may the atom be reverted or
/// tried again. What the worker says meanwhile counts; a success is a success.
void Engine::Core::close(AtomIndex atom, AtomRecord record, Failure failure) {
  if (closing.contains(atom)) return;
  if (awaits_place(atom) || !record.delivery) {  // nobody works on it
    replacing.erase(atom);
    return end_in_failure(atom, std::move(failure));
  }
  out->commands.push_back(CancelDelivery{atom, record.dispatch, record.delivery->worker, failure.message});
  book.change(atom, std::move(record), 0, "asked to end: " + failure.message);
  closing.emplace(atom, std::move(failure));
  cancel_timer(atom);
  if (const auto limit = task(atom).timeouts.or_default().abandon_after)
    set_timer(atom, TimerFor::Abandon, *limit);
}

void Engine::Core::end_closed(AtomIndex atom, const std::string& note) {
  auto node = closing.extract(atom);
  if (!note.empty()) node.mapped().message += " (" + note + ")";
  end_in_failure(atom, std::move(node.mapped()));
}

void Engine::Core::end_in_failure(AtomIndex atom, Failure failure) {
  if (book.atom(atom).state == AtomState::Running)
    execution_failed(atom, std::move(failure));
  else
    revert_failed(atom, std::move(failure));
}

}  // namespace baton::engine
