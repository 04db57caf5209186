#include <utility>
#include <vector>

#include "common/model/assert.h"
#include "engine/asked_run.h"
#include "engine/engine_core.h"

/// How a run begins that a person has asked for. The run before has ended: nothing is out.
namespace baton::engine {
namespace {

using How = RunAsked::How;

std::string words_of(const RunAsked& asked) {
  switch (asked.how) {
    case How::Keep:
      return "what succeeded is kept";
    case How::Anew:
      return "anew";
    case How::RetryAtom:
      return "'" + asked.atom + "' is tried again";
    case How::SkipAtom:
      return "'" + asked.atom + "' is skipped";
    case How::MarkDone:
      return "'" + asked.atom + "' is done";
  }
  return {};
}

std::string by(const RunAsked& asked, const std::string& what) {
  return what + " by " + asked.who + (asked.why.empty() ? "" : ": " + asked.why);
}

}  // namespace

void Engine::Core::note_run(const RunAsked& asked) {
  if (!asked_run) asked_run = AskedRun{asked, false, {}};
}

void Engine::Core::on(const RunAsked& asked) {
  if (!asked_run || !asked_run->begun || asked.order != asked_run->asked.order)
    return answer(asked.order, "the flow is " + state_name());
  answer(asked.order, asked_run->no_effect);
}

/// The first event of the run's first engine. What cannot begin was refused before it was recorded, so a run
/// without effect is our last resort: it ends where it begins.
void Engine::Core::begin_asked_run() {
  const RunAsked& asked = asked_run->asked;
  asked_run->begun = true;
  asked_run->no_effect = refuse_run(asked);
  std::string note = "run " + std::to_string(run) + ", asked for by " + asked.who + ": " + words_of(asked);
  if (!asked.why.empty()) note += "; " + asked.why;
  book.change_flow(FlowState::Running, std::move(note));
  if (!asked_run->no_effect.empty()) {
    stopping = true;
    return;
  }
  begin_as(asked);
  recover();
}

std::string Engine::Core::refuse_run(const RunAsked& asked) const {
  if (asked.how == How::Keep || asked.how == How::Anew) return {};
  const AtomIndex atom = plan->find(asked.atom);
  if (atom == kNoAtom) return "the flow has no atom '" + asked.atom + "'";
  return asked_run_refused(*plan, atom, book.atom(atom).state, asked);
}

void Engine::Core::begin_as(const RunAsked& asked) {
  if (asked.how == How::Anew) {
    settle_failed_reverts();
    return reset(0, static_cast<AtomIndex>(book.size()));
  }
  const AtomIndex atom = asked.how == How::Keep ? kNoAtom : plan->find(asked.atom);
  const bool revert_failed = atom != kNoAtom && book.atom(atom).state == AtomState::RevertFailure;
  if (revert_failed && asked.how == How::RetryAtom) return revert_again(atom, by(asked, "tried again"));
  if (revert_failed && asked.how == How::SkipAtom)
    return settle(atom, by(asked, "its revert is passed over"));
  keep_what_succeeded();
  if (atom == kNoAtom) return;
  if (book.atom(atom).state == AtomState::Ignore) reset(atom, 1);
  if (asked.how == How::SkipAtom) skip(atom, by(asked, "skipped"));
  if (asked.how == How::MarkDone) mark_done(atom, by(asked, "done"), asked.result);
}

/// A person has looked: what could not be reverted is undone, by hand.
void Engine::Core::settle(AtomIndex atom, const std::string& note) {
  AtomRecord after = book.atom(atom);
  after.state = AtomState::Reverted;
  book.change(atom, std::move(after), 0, note);
}

void Engine::Core::settle_failed_reverts() {
  if (book.count(AtomState::RevertFailure) == 0) return;
  for (AtomIndex atom = 0; atom < book.size(); ++atom)
    if (book.atom(atom).state == AtomState::RevertFailure)
      settle(atom, "taken as undone: the flow is run again");
}

/// Without a delivery: whoever owns the flow then places it.
void Engine::Core::revert_again(AtomIndex atom, const std::string& note) {
  AtomRecord after = book.atom(atom);
  after.state = AtomState::Reverting;
  after.intention = Intention::Revert;
  book.change(atom, std::move(after), 0, note);
}

/// As a decider's no at depth ATOM, but what it left behind is told to nobody.
void Engine::Core::skip(AtomIndex atom, const std::string& note) {
  AtomRecord after = book.atom(atom);
  const std::uint8_t changed = after.failure ? kFailureChanged : 0;
  after.state = AtomState::Ignore;
  after.intention = Intention::Ignore;
  after.failure.reset();
  book.change(atom, std::move(after), changed, note);
}

/// An attempt of its own, so that its revert is not taken for that of an earlier one (PROTOCOL.md H7).
void Engine::Core::mark_done(AtomIndex atom, const std::string& note, const Value& result) {
  AtomRecord after = book.atom(atom);
  after.state = AtomState::Running;
  ++after.attempt;
  book.change(atom, std::move(after), 0, note);
  execution_succeeded(atom, result);
}

/// They run again, their retries from the first attempt on.
void Engine::Core::reset(AtomIndex first, AtomIndex count) {
  book.intend_range(first, count, Intention::Execute, true);
  for (AtomIndex atom = first; atom < first + count; ++atom) {
    if (!is_retry(atom) || book.atom(atom).history.or_default().empty()) continue;
    AtomRecord after = book.atom(atom);
    after.history.reset();
    book.change(atom, std::move(after), kHistoryChanged, "its attempts are counted anew");
  }
}

/// What succeeded and was not reverted has only succeeded before it: a rollback goes last first. What was
/// passed over stays so if nothing before it runs again; else its deciders vote anew.
void Engine::Core::keep_what_succeeded() {
  settle_failed_reverts();
  const auto size = static_cast<AtomIndex>(book.size());
  for (AtomIndex first = 0, end = 0; first < size; first = end) {
    const Keeping keeping = keeping_of(first);
    for (end = first; end < size && keeping_of(end) == keeping;) ++end;
    if (keeping == Keeping::Nothing)
      reset(first, end - first);
    else
      book.intend_range(first, end - first,
                        keeping == Keeping::Success ? Intention::Execute : Intention::Ignore);
  }
  for (AtomIndex atom = 0; atom < size; ++atom)
    if (book.atom(atom).state == AtomState::Ignore && book.readiness().waits(atom)) reset(atom, 1);
  count_retries_anew();
}

Engine::Core::Keeping Engine::Core::keeping_of(AtomIndex atom) const {
  const AtomState state = book.atom(atom).state;
  if (state == AtomState::Success) return Keeping::Success;
  return state == AtomState::Ignore ? Keeping::Ignored : Keeping::Nothing;
}

/// Those that are kept, and that a failure of what runs again would ask: they keep what they provide, and
/// that was their first try.
void Engine::Core::count_retries_anew() {
  std::vector<bool> seen(book.size());
  for (AtomIndex atom = 0; atom < book.size(); ++atom) {
    if (book.atom(atom).state != AtomState::Pending) continue;
    AtomIndex retry = book.plan().atoms[atom].retry;
    for (; retry != kNoAtom && !seen[retry]; retry = book.plan().atoms[retry].retry) {
      seen[retry] = true;
      if (book.atom(retry).state == AtomState::Success) count_anew(retry);
    }
  }
}

void Engine::Core::count_anew(AtomIndex retry) {
  AtomRecord after = book.atom(retry);
  const RetryHistory& tried = after.history.or_default();
  BATON_ASSERT(!tried.empty());
  if (tried.size() == 1 && tried.back().failures.empty()) return;
  after.history = RetryHistory{{tried.back().value, {}, {}, {}}};
  book.change(retry, std::move(after), kHistoryChanged, "its attempts are counted anew");
}

}  // namespace baton::engine
