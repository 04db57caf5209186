#include <algorithm>

#include "engine/engine_core.h"

/// Deadlines of deliveries, and pauses of retries. An atom has at most one timer at a time; the deadlines
/// themselves are in its record, so a new engine finds them again.
namespace baton::engine {
namespace {

constexpr const char* kNotStarted = "no worker started it within its schedule_to_start";
constexpr const char* kNotEnded = "it did not end within its start_to_close";

}  // namespace

void Engine::Core::set_timer(AtomIndex atom, TimerFor what, Millis after) {
  cancel_timer(atom);
  const TimerKey key = ++last_timer;
  timers[atom] = {key, what};
  timer_atoms[key] = atom;
  out->commands.push_back(SetTimer{key, std::max(after, Millis(0))});
}

void Engine::Core::cancel_timer(AtomIndex atom) {
  const auto found = timers.find(atom);
  if (found == timers.end()) return;
  out->commands.push_back(CancelTimer{found->second.key});
  timer_atoms.erase(found->second.key);
  timers.erase(found);
}

/// Rounded up: a timer that fires early would find nothing due.
Millis Engine::Core::until(TimePoint due) const {
  return std::chrono::ceil<Millis>(due - now);
}

void Engine::Core::arm_deadline(AtomIndex atom) {
  const auto& delivery = book.atom(atom).delivery;
  if (delivery && delivery->close_deadline)
    set_timer(atom, TimerFor::Deadline, until(*delivery->close_deadline));
  else if (delivery && delivery->start_deadline)
    set_timer(atom, TimerFor::Deadline, until(*delivery->start_deadline));
}

void Engine::Core::on(const DeliveryStarted& started) {
  const AtomRecord& record = book.atom(started.atom);
  if (!is_open(started.atom, started.dispatch) || awaits_place(started.atom) ||
      closing.contains(started.atom))
    return;
  const auto limit = task(started.atom).timeouts.or_default().start_to_close;
  const bool opens_close = limit && !record.delivery->close_deadline;
  if (!record.delivery->start_deadline && !opens_close) return;
  AtomRecord after = record;
  Delivery& delivery = after.delivery.edit();
  delivery.start_deadline.reset();
  if (opens_close) delivery.close_deadline = now + *limit;
  book.change(started.atom, std::move(after), 0, "started");
  cancel_timer(started.atom);
  arm_deadline(started.atom);
}

void Engine::Core::on(const TimerFired& fired) {
  const auto found = timer_atoms.find(fired.timer);
  if (found == timer_atoms.end()) return;  // cancelled while it was on its way
  const AtomIndex atom = found->second;
  const TimerFor what = timers.at(atom).what;
  timers.erase(atom);
  timer_atoms.erase(found);
  switch (what) {
    case TimerFor::Deadline:
      return close_late(atom);
    case TimerFor::Abandon:
      return end_closed(atom, "abandoned: its worker did not say that it has ended");
    case TimerFor::Pause:
      startable.push_back(atom);
      return;
  }
}

bool Engine::Core::is_late(AtomIndex atom) const {
  const auto& delivery = book.atom(atom).delivery;
  return delivery && (delivery->start_deadline == kOver || delivery->close_deadline == kOver);
}

/// That it was asked to end is put on record: whoever owns the flow next asks again, also where the
/// database's clock was set back meanwhile, and takes neither its start nor its end for that of a delivery in
/// time.
void Engine::Core::close_late(AtomIndex atom) {
  AtomRecord asked = book.atom(atom);
  Delivery& delivery = asked.delivery.edit();
  const bool started = delivery.close_deadline.has_value();
  (started ? delivery.close_deadline : delivery.start_deadline) = kOver;
  close(atom, std::move(asked),
        Failure::make(std::string(failure_type::kTimedOut),
                      "'" + plan->name(atom) + "' timed out: " + (started ? kNotEnded : kNotStarted)));
}

/// A retry that is to start again may have to pause, counted from the failure that it answered; that time is
/// on record, so a new engine waits for the same moment. Attempts that fail without any worker's help could
/// all come in one step and fill the memory with their facts: behind so many of one moment no retry starts
/// again in it. That pause is not on record: a new engine has moments of its own, and the same bound in each.
bool Engine::Core::pauses(AtomIndex retry) {
  const AtomRecord& record = book.atom(retry);
  const RetrySpec& spec = plan->retry(retry);
  if (!record.history || record.history->empty()) return false;
  const auto& failed_at = record.history->back().first_failure_at;
  TimePoint due = now;
  if (spec.backoff)
    due = failed_at.value_or(now) + pause_before_next(spec, *record.history, seed_of(options, retry));
  if (failed_unaided >= kUnaidedFailuresMax) due = std::max(due, now + kUnaidedPause);
  if (due <= now) return false;
  set_timer(retry, TimerFor::Pause, until(due));
  return true;
}

}  // namespace baton::engine
