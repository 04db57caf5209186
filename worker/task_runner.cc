#include "worker/task_runner.h"

#include <algorithm>
#include <utility>

#include "common/model/assert.h"

namespace baton::worker {
namespace {

constexpr int kBehindDoublesMax = 16;  // far beyond behind_max_last

using wire::NoOutcome;
using wire::NotRun;

/// The high digits of a dispatch number (first_dispatch_of).
bool of_one_generation(const wire::DeliveryId& one, const wire::DeliveryId& other) {
  return one.dispatch >> 32 == other.dispatch >> 32;
}

/// A revert that failed is asked for again, under a new number and with the attempt that it undoes, when a
/// person wants it tried again: the old answer is none to that.
bool is_failed_revert(const wire::Answer& answer) {
  return answer.delivery.intention == Intention::Revert && std::holds_alternative<Failure>(answer.what);
}

}  // namespace

TaskRunner::TaskRunner(Ports ports, const RunnerLimits& limits, Incarnation self)
    : ports_(ports),
      limits_(limits),
      memory_(limits.answers_max, limits.answer_bytes_max, shown_forgetting()),
      outbox_(
          ports.bus, ports.executor, self,
          [this](const wire::DeliveryId& delivery, const std::string& why) { undeliverable(delivery, why); },
          [this] { check_drained(); }) {
  BATON_ASSERT(limits.slots > 0);
}

/// What is forgotten may be executed again: at least once, not exactly once (docs/decisions/0018).
DeliveryMemory::Forgets TaskRunner::shown_forgetting() {
  return {[this](const wire::DeliveryId& delivery) {
            ++figures_.forgotten_answers;
            log_.warning(
                "an answer that no conductor has recorded for an hour is forgotten: there was no room",
                {{"flow", delivery.flow},
                 {"atom", delivery.atom},
                 {"dispatch", delivery.dispatch},
                 {"hint", "worker.answers_max and worker.answer_bytes_max give more room"}});
          },
          [this] {
            ++figures_.forgotten_atoms;
            forgets_.write(
                log_, runtime::LogLevel::Info, ports_.clock.steady(),
                "the oldest deliveries that are over are forgotten: a late copy of one would run again",
                {{"kept", DeliveryMemory::kIdleAtomsMax}, {"forgotten", figures_.forgotten_atoms}});
          }};
}

void TaskRunner::receive(const wire::Message& message) {
  const ReplyTo from{message.from, message.reply_partition};
  std::visit([&](const auto& body) { on(from, body); }, message.body);
}

void TaskRunner::receive_unreadable(const wire::Unreadable& unreadable) {
  if (!unreadable.unsupported) return;  // garbage names nobody whom one could tell
  wire::DeliveryId none;
  none.atom = "*";  // what it asked for cannot be read; nil flow, dispatch 0
  outbox_.add({unreadable.from, unreadable.reply_partition},
              {none, NotRun{NoOutcome::Unsupported, unreadable.message}, {}});
}

void TaskRunner::on(const ReplyTo& from, const wire::Requests& requests) {
  for (const auto& request : requests.requests) on_request(from, request);
}

void TaskRunner::on_request(const ReplyTo& from, const wire::Request& request) {
  const auto& delivery = request.delivery;
  Asked asked{request, from, content_hash(request)};
  if (KnownAtom* known = memory_.find(atom_of(delivery))) {
    if (delivery.dispatch < known->highest) {
      ++figures_.refused;
      return say(from, delivery, {NoOutcome::Refused, "a later dispatch of this atom was seen"});
    }
    if (delivery.dispatch == known->highest && known->word) {
      ++figures_.repeated;
      return say(from, delivery, *known->word);
    }
    if (adopt(*known, asked)) return;
  }
  if (auto no = why_not(request)) {
    ++figures_.busy;
    return say_for_good(from, delivery, *std::move(no));
  }
  accept(memory_.of(atom_of(delivery)), std::move(asked));
}

/// The same attempt is waiting, running or answered: only the dispatch number and whom to answer are new.
bool TaskRunner::adopt(KnownAtom& known, const Asked& asked) {
  const auto take = [&](Asked& held) {
    held.request.delivery.dispatch = known.highest = asked.request.delivery.dispatch;
    held.reply_to = asked.reply_to;
    ++figures_.adopted;
    return true;
  };
  if (auto* queued = known.now.get_if<Queued>()) return queued->asked.same_work(asked) && take(queued->asked);
  if (auto* running = known.now.get_if<Running>()) {
    if (running->behind) return running->behind->asked.same_work(asked) && take(running->behind->asked);
    // One that was told to end will give no outcome: a later request waits for its end, then starts. A copy
    // of its own, late or from the flow's next owner, starts nothing.
    const bool own = asked.request.delivery.dispatch == running->asked.request.delivery.dispatch;
    return (own || !running->cancelled) && running->asked.same_work(asked) && take(running->asked);
  }
  if (auto* answered = known.now.get_if<Answered>()) {
    if (!answered->asked.same_work(asked)) return false;
    // Of a past that the database may have forgotten (PROTOCOL.md H17): others may have done or undone the
    // same since. It is called again, under its key.
    if (!of_one_generation(answered->asked.request.delivery, asked.request.delivery)) return false;
    const bool later = asked.request.delivery.dispatch > known.highest;
    if (later && is_failed_revert(answered->answer)) return false;
    answered->answer.delivery = asked.request.delivery;
    outbox_.add(asked.reply_to, answered->answer);
    return take(answered->asked);
  }
  return false;
}

std::optional<NotRun> TaskRunner::why_not(const wire::Request& request) {
  const auto busy = [](std::string why) { return NotRun{NoOutcome::Busy, std::move(why)}; };
  if (!ports_.tasks.knows(request.task_type))
    return NotRun{NoOutcome::Unsupported, "this worker has no task type '" + request.task_type + "'"};
  if (draining_) return busy("draining");
  if (!session_is_fresh()) return busy("the ZooKeeper session is silent");
  if (running_.size() + queue_.size() >= std::size_t{limits_.slots} + limits_.prefetch)
    return busy("all slots and the queue before them are full");
  if (!memory_.has_room(ports_.clock.steady()))
    return busy("too many answers wait for the word that they are recorded");
  return std::nullopt;
}

void TaskRunner::accept(KnownAtom& known, Asked asked) {
  const AtomKey key = atom_of(asked.request.delivery);
  // A newer attempt or a revert is only asked for when the earlier one's answer is recorded (I17).
  if (known.now.is<Answered>()) memory_.settle(key);
  known.highest = asked.request.delivery.dispatch;
  known.word.reset();
  give_up_earlier(known);
  Queued queued{std::move(asked), ++last_order_};
  queue_.emplace(queued.order, key);
  if (auto* running = known.now.get_if<Running>())
    wait_behind(key, *running, std::move(queued));
  else
    known.now = std::move(queued);
  wake_reports();
  start_queued();
}

/// What runs was asked to end, and may never do so (H6): for a while only, then another worker may be free.
void TaskRunner::wait_behind(const AtomKey& key, Running& running, Queued queued) {
  BATON_ASSERT(running.cancelled);
  const Millis patience = std::min(limits_.behind_max * (1 << running.handed_back), limits_.behind_max_last);
  ports_.clock.after(patience, [this, key, order = queued.order, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) waited_behind(key, order);
  });
  running.behind = std::move(queued);
}

void TaskRunner::waited_behind(const AtomKey& key, std::uint64_t order) {
  KnownAtom* known = memory_.find(key);
  auto* running = known ? known->now.get_if<Running>() : nullptr;
  if (!running || !running->behind || running->behind->order != order) return;
  running->handed_back = std::min(running->handed_back + 1, kBehindDoublesMax);
  const Asked asked = running->behind->asked;
  hand_back(asked, "an earlier execution of the atom goes on here though it was asked to end");
}

/// Whoever asks about a later delivery has given up the earlier ones: what waits never starts, what runs is
/// told to end.
void TaskRunner::give_up_earlier(KnownAtom& known) {
  if (auto* queued = known.now.get_if<Queued>()) {
    queue_.erase(queued->order);
    known.now.clear();
  } else if (auto* running = known.now.get_if<Running>()) {
    if (running->behind) queue_.erase(running->behind->order);
    running->behind.reset();
    cancel(*running);
  }
}

void TaskRunner::on(const ReplyTo& from, const wire::Cancel& asked) {
  if (settle_unless_running(from, asked.delivery)) return;
  log_.info("task is asked to end", {{"flow", asked.delivery.flow},
                                     {"atom", asked.delivery.atom},
                                     {"dispatch", asked.delivery.dispatch},
                                     {"why", asked.why}});
  cancel(memory_.find(atom_of(asked.delivery))->now.get<Running>());
}

void TaskRunner::on(const ReplyTo& from, const wire::Probe& asked) {
  if (!settle_unless_running(from, asked.delivery)) report_to(from);
}

bool TaskRunner::settle_unless_running(const ReplyTo& from, const wire::DeliveryId& delivery) {
  KnownAtom& known = memory_.of(atom_of(delivery));
  if (delivery.dispatch < known.highest) {
    say(from, delivery, {NoOutcome::Refused, "a later dispatch of this atom was seen"});
    return true;
  }
  const auto is_of = [&](const Asked& asked) { return asked.request.delivery.key() == delivery.key(); };
  if (auto* running = known.now.get_if<Running>(); running && !running->behind && is_of(running->asked)) {
    running->asked.request.delivery.dispatch = known.highest = delivery.dispatch;
    running->asked.reply_to = from;
    return false;
  }
  if (auto* answered = known.now.get_if<Answered>(); answered && is_of(answered->asked)) {
    answered->asked.request.delivery = answered->answer.delivery = delivery;
    answered->asked.reply_to = from;
    known.highest = delivery.dispatch;
    outbox_.add(from, answered->answer);
    return true;
  }
  if (delivery.dispatch == known.highest && known.word && known.word->kind != NoOutcome::Busy) {
    say(from, delivery, *known.word);
    return true;
  }
  say_for_good(from, delivery, {NoOutcome::NotStarted, "it was not started here, and will not be"});
  check_drained();
  return true;
}

void TaskRunner::on(const ReplyTo&, const wire::Recorded& recorded) {
  for (const auto& delivery : recorded.deliveries) {
    const AtomKey key = atom_of(delivery);
    KnownAtom* known = memory_.find(key);
    if (!known) continue;
    const auto* answered = known->now.get_if<Answered>();
    if (!answered || answered->asked.request.delivery.key() != delivery.key()) continue;
    // Of an earlier number, that a later delivery has replaced: the later one's answer is not recorded by it.
    if (delivery.dispatch < answered->asked.request.delivery.dispatch) continue;
    // A late copy of the request must not start it once more.
    known->word = NotRun{NoOutcome::Refused, "its outcome is recorded"};
    known->highest = std::max(known->highest, delivery.dispatch);
    memory_.settle(key);
  }
  check_drained();
}

void TaskRunner::say(const ReplyTo& to, const wire::DeliveryId& delivery, NotRun word) {
  outbox_.add(to, {delivery, std::move(word), {}});
}

/// This number will never start here, whatever comes: handed back, tombstoned or closed. Earlier ones
/// neither.
void TaskRunner::say_for_good(const ReplyTo& to, const wire::DeliveryId& delivery, NotRun word) {
  const AtomKey key = atom_of(delivery);
  KnownAtom& known = memory_.of(key);
  give_up_earlier(known);
  known.highest = delivery.dispatch;
  known.word = word;
  if (!known.now.is<Running>()) memory_.settle(key);
  say(to, delivery, std::move(word));
}

TaskRunner::Figures TaskRunner::figures() const {
  Figures figures = figures_;
  figures.running = running_.size();
  figures.queued = queue_.size();
  figures.unrecorded = memory_.answers();
  return figures;
}

}  // namespace baton::worker
