#include <algorithm>
#include <utility>

#include "common/model/assert.h"
#include "engine/deciders.h"
#include "engine/engine_core.h"
#include "engine/undispatched.h"

namespace baton::engine {

void Engine::Core::run_rounds() {
  do {
    end_started();
    consider_new();
  } while (!endings.empty());
}

/// The outcomes of what the last round started and no worker has.
void Engine::Core::end_started() {
  std::vector<Ending> ended;
  ended.swap(endings);
  make_room(out->facts, ended.size());
  for (Ending& each : ended) {
    if (!each.failure)
      retry_ended(each.atom);
    else if (book.atom(each.atom).state == AtomState::Running)
      execution_failed(each.atom, *std::move(each.failure));
    else
      revert_failed(each.atom, *std::move(each.failure));
    if (book.atom(each.atom).state == AtomState::Failure) ++failed_unaided;
  }
}

/// A decider's no may make others ready at once, so this goes on until nothing is new.
void Engine::Core::consider_new() {
  for (;;) {
    const auto fresh = book.readiness().take_new();
    if (fresh.empty() || stopping) return;
    for (const AtomIndex atom : fresh) consider(atom);
  }
}

void Engine::Core::consider(AtomIndex atom) {
  const AtomRecord& record = book.atom(atom);
  switch (book.readiness().ready_for(atom)) {
    case Wish::Nothing:
      return;
    case Wish::Revert:
      if (record.state == AtomState::Failure && never_dispatched(*record.failure) && !is_retry(atom)) {
        if (book.state() != FlowState::Running) return;
        AtomRecord after = record;
        after.state = AtomState::Reverted;
        return book.change(atom, std::move(after), 0, "nothing to undo: it was never dispatched");
      }
      break;
    case Wish::Retry:
      if (pauses(atom)) return;
      break;
    case Wish::Execute: {
      if (!may_execute_more()) return;
      if (record.state == AtomState::Retrying) break;  // its deciders have voted in this pass
      Vote vote = vote_on(book, atom);
      if (const auto* no = std::get_if<IgnoreIt>(&vote)) return ignore(atom, no->behind);
      if (auto* failure = std::get_if<Failure>(&vote)) {
        AtomRecord after = record;
        after.state = AtomState::Running;
        ++after.attempt;
        return fail_to_start(atom, std::move(after), std::move(*failure));
      }
      break;
    }
  }
  startable.push_back(atom);
}

/// What a person has marked as done before its turn came stays done.
void Engine::Core::ignore(AtomIndex atom, const std::vector<AtomRange>& behind) {
  book.intend(atom, Intention::Ignore);
  for (const AtomRange& range : behind) {
    const AtomIndex end = range.first + range.count;
    for (AtomIndex first = range.first, done = 0; first < end; first = done + 1) {
      done = book.next_success(first, end);
      if (done > first) book.intend_range(first, done - first, Intention::Ignore);
    }
  }
}

void Engine::Core::offer() {
  Place place;
  if (book.state() == FlowState::Running) {
    Readiness& readiness = book.readiness();
    for (const AtomIndex atom : startable) {
      const Wish wish = readiness.ready_for(atom);
      if (stopping || wish == Wish::Nothing || readiness.offered(atom)) continue;
      if (wish == Wish::Execute && !may_execute_more()) continue;
      readiness.mark_offered(atom);
      place.atoms.push_back(atom);
    }
    for (const AtomIndex atom : std::exchange(unoffered, {}))
      if (const auto found = replacing.find(atom); found != replacing.end())
        if (!std::exchange(found->second.offered, true)) place.atoms.push_back(atom);
  }
  startable.clear();
  if (place.atoms.empty()) return;
  const auto priority = [&](AtomIndex atom) { return is_retry(atom) ? 0 : task(atom).priority; };
  std::sort(place.atoms.begin(), place.atoms.end(), [&](AtomIndex a, AtomIndex b) {
    return priority(a) != priority(b) ? priority(a) > priority(b) : a < b;
  });
  out->commands.push_back(std::move(place));
}

std::size_t Engine::Core::open_deliveries() const {
  return book.count(AtomState::Running) + book.count(AtomState::Reverting) - replacing.size();
}

std::size_t Engine::Core::ready_count() const {
  const Readiness& readiness = book.readiness();
  if (stopping) return 0;
  return readiness.ready_to_revert() + (may_execute_more() ? readiness.ready_to_execute() : 0);
}

bool Engine::Core::awaits_grant() const {
  return !stopping && std::any_of(awaiting_grant.begin(), awaiting_grant.end(), [this](AtomIndex failed) {
    const AtomRecord& record = book.atom(failed);
    return record.state == AtomState::Failure && record.intention == Intention::Execute;
  });
}

/// semantics.md 21, 41.
void Engine::Core::end_if_over() {
  if (std::exchange(tells_parked, false) && book.state() == FlowState::Suspended)
    out->commands.push_back(Finish{FlowState::Suspended});
  const bool suspending = book.state() == FlowState::Suspending;
  if ((!suspending && book.state() != FlowState::Running) || open_deliveries() > 0) return;
  const bool work_left = !replacing.empty() || ready_count() > 0 || awaits_grant();
  if (!work_left) return finish(final_state());
  if (!suspending) return;
  book.change_flow(FlowState::Suspended);
  out->commands.push_back(Finish{FlowState::Suspended});
}

FlowState Engine::Core::final_state() const {
  if (stopping || book.count(AtomState::RevertFailure) > 0 || stuck()) return FlowState::Failure;
  const bool done = book.count(AtomState::Success) + book.count(AtomState::Ignore) == book.size();
  if (cancelling && !(cancelling->keep && done)) return FlowState::Cancelled;
  if (done) return FlowState::Success;
  // TaskFlow says REVERTED here also when a failure was left alone.
  return book.count(AtomState::Failure) > 0 ? FlowState::Failure : FlowState::Reverted;
}

/// Something is still to be reverted and cannot be: it, or something behind it, is irreversible.
bool Engine::Core::stuck() const {
  if (!book.plan().has_irreversible) return false;
  for (AtomIndex atom = 0; atom < book.size(); ++atom)
    if (book.atom(atom).state == AtomState::Success && !is_retry(atom) && task(atom).irreversible &&
        book.atom(atom).intention == Intention::Revert)
      return true;
  return false;
}

void Engine::Core::finish(FlowState state) {
  static constexpr std::size_t kKeptMax = 1000;  // shown to people
  std::optional<Failure> cause;
  std::vector<AtomIndex> kept;
  std::size_t kept_count = 0;
  if (state != FlowState::Success) {
    for (AtomIndex atom = 0; atom < book.size(); ++atom) {
      const AtomRecord& record = book.atom(atom);
      if (record.state == AtomState::RevertFailure && !cause) cause = record.revert_failure;
      if (record.state != AtomState::Success || is_retry(atom)) continue;
      if (kept_count++ < kKeptMax) kept.push_back(atom);
    }
    if (!cause && !book.failed().empty()) cause = book.atom(book.failed().first()).failure;
  }
  std::string note;
  if (kept_count == 1) note = "1 task kept its effect";
  if (kept_count > 1) note = std::to_string(kept_count) + " tasks kept their effect";
  book.change_flow(state, std::move(note), std::move(cause), std::move(kept));
  out->commands.push_back(Finish{state});
}

}  // namespace baton::engine
