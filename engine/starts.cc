#include <algorithm>

#include "common/model/assert.h"
#include "engine/engine_core.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {

std::string Engine::Core::words_for(Because because) {
  switch (because) {
    case Because::HandedBack:
      return "redelivered: handed back";
    case Because::WorkerLost:
      return "redelivered: worker lost";
    case Because::WorkerLostUncharged:
      return "redelivered: worker lost by another's fault, not counted";
  }
  BATON_ASSERT(false);
  return {};
}

bool Engine::Core::may_start(AtomIndex atom) const {
  if (book.state() != FlowState::Running) return false;
  if (const auto found = replacing.find(atom); found != replacing.end()) return found->second.offered;
  const Wish wish = book.readiness().ready_for(atom);
  if (wish == Wish::Nothing || stopping || (wish == Wish::Execute && !may_execute_more())) return false;
  return book.readiness().offered(atom);
}

void Engine::Core::on(const Placed& placed) {
  if (!may_start(placed.atom)) return;  // something came in between: suspended, or a failure elsewhere
  if (is_retry(placed.atom))
    start_retry(placed.atom);
  else
    start_task(placed.atom, placed);
}

void Engine::Core::place_again(AtomIndex atom, Because because) {
  replacing[atom] = {because, false};
  unoffered.push_back(atom);
}

/// Grows with every delivery; a new generation of the board starts above all numbers of the old one.
Dispatch Engine::Core::next_dispatch(AtomIndex atom) const {
  return std::max(book.atom(atom).dispatch, first_dispatch_of(generation)) + 1;
}

void Engine::Core::start_task(AtomIndex atom, const Placed& placed) {
  AtomRecord after = book.atom(atom);
  const bool again = awaits_place(atom);
  const Because because = again ? replacing.at(atom).because : Because::HandedBack;
  replacing.erase(atom);
  const bool reverts = after.state != AtomState::Pending && after.intention == Intention::Revert;
  const bool new_call = after.state != (reverts ? AtomState::Reverting : AtomState::Running);
  if (after.state == AtomState::Pending) ++after.attempt;
  after.state = reverts ? AtomState::Reverting : AtomState::Running;
  const bool unsent = new_call || !after.delivery;
  const std::uint32_t before = unsent ? 0 : after.delivery->deliveries;
  after.delivery.reset();
  if (unsent) {
    uncounted.erase(atom);
    auto refused = arguments_refused(book, atom, reverts ? Intention::Revert : Intention::Execute);
    if (refused) return fail_to_start(atom, std::move(after), *std::move(refused));
  }
  after.dispatch = next_dispatch(atom);
  Delivery delivery{placed.worker, placed.worker_name, 1, {}, {}};
  if (const auto limit = task(atom).timeouts.or_default().schedule_to_start)
    delivery.start_deadline = now + *limit;
  if (!unsent) delivery.deliveries = before + (because == Because::WorkerLost ? 1 : 0);
  after.delivery = std::move(delivery);
  std::string note;
  if (!unsent) note = words_for(because);
  book.change(atom, std::move(after), 0, std::move(note));
  copies.push_back({atom});
  arm_deadline(atom);
}

/// No delivery is made of it: it ends in the next round, in the same commit.
void Engine::Core::fail_to_start(AtomIndex atom, AtomRecord running, Failure failure) {
  book.change(atom, std::move(running), 0, "not dispatched");
  endings.push_back({atom, std::move(failure)});
}

void Engine::Core::start_retry(AtomIndex atom) {
  AtomRecord after = book.atom(atom);
  std::string note;
  cancel_timer(atom);
  if (replacing.erase(atom) > 0) {
    note = "again after a restore";
    if (after.state == AtomState::Running && after.intention == Intention::Revert)
      after.state = AtomState::Reverting, note.clear();
  } else if (book.readiness().ready_for(atom) == Wish::Execute) {
    after.state = AtomState::Running;
    ++after.attempt;
  } else if (after.intention == Intention::Revert) {
    after.state = AtomState::Reverting;
  } else {
    BATON_ASSERT(after.intention == Intention::Retry);
    after.state = AtomState::Retrying;
    after.intention = Intention::Execute;
    book.change(atom, std::move(after));
    resolver.reset_behind(atom);
    after = book.atom(atom);
    after.state = AtomState::Running;
    ++after.attempt;
  }
  book.change(atom, std::move(after), 0, std::move(note));
  endings.push_back({atom, std::nullopt});
}

}  // namespace baton::engine
