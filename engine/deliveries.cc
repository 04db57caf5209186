#include "engine/engine_core.h"

/// What becomes of a delivery between its send and its outcome.
namespace baton::engine {
namespace {

bool is_open(const AtomRecord& atom, Dispatch dispatch) {
  return atom.delivery.has_value() && atom.dispatch == dispatch;
}

}  // namespace

void Engine::Core::on(const HandedBack& back) {
  if (!is_open(book.atom(back.atom), back.dispatch) || awaits_place(back.atom)) return;
  replacing[back.atom] = {};
}

void Engine::Core::on(const DeliveryLost& lost) {
  const AtomRecord& atom = book.atom(lost.atom);
  if (!is_open(atom, lost.dispatch) || awaits_place(lost.atom)) return;
  const bool executes = atom.state == AtomState::Running;
  // To be reverted anyway: no use in executing it again (semantics.md 40).
  if (executes && atom.intention == Intention::Revert) {
    replacing[lost.atom] = {};
    return;
  }
  const bool refused = executes && task(lost.atom).on_worker_loss == OnWorkerLoss::Fail;
  if (!refused && atom.delivery->deliveries < task(lost.atom).max_deliveries) {
    replacing[lost.atom] = {true, false};
    return;
  }
  Failure failure = Failure::make(
      std::string(failure_type::kWorkerLost),
      "worker '" + atom.delivery->worker_name + "' was lost (" + lost.why + ")" +
          (refused ? "; the task may not be delivered again"
                   : ", the last of " + std::to_string(task(lost.atom).max_deliveries) + " deliveries"));
  if (executes)
    execution_failed(lost.atom, std::move(failure));
  else
    revert_failed(lost.atom, std::move(failure));
}

/// The answer to a probe: the worker has never started it and will not.
void Engine::Core::on(const DeliveryClosed& closed) {
  const AtomRecord& atom = book.atom(closed.atom);
  if (!is_open(atom, closed.dispatch) || awaits_place(closed.atom)) return;
  replacing[closed.atom] = {};
}

void Engine::Core::on(const DeliveryStarted&) {}
void Engine::Core::on(const TimerFired&) {}

}  // namespace baton::engine
