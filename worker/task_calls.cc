#include <utility>
#include <vector>

#include "common/model/assert.h"
#include "worker/task_runner.h"

/// TaskRunner's calls of task code: starting, cancelling, ending, handing back.
namespace baton::worker {
namespace {

using wire::NoOutcome;
using wire::NotRun;

/// What tasks give when a target has seen a higher token (sdk/baton/boundary.h).
constexpr std::string_view kStaleToken = "StaleToken";

bool is_of_type(const TaskOutcome& outcome, std::string_view type) {
  const auto* failure = std::get_if<Failure>(&outcome);
  return failure && failure->type == type;
}

}  // namespace

/// The C client does not tell of a silent session before it is lost: somebody else may have been given this
/// worker's work by then (I14).
bool TaskRunner::session_is_fresh() const {
  const Millis timeout = ports_.directory.timeout();
  return timeout.count() > 0 && ports_.directory.silent_for() <= timeout * 2 / 3;
}

void TaskRunner::start_queued() {
  for (auto next = queue_.begin(); next != queue_.end() && running_.size() < limits_.slots;) {
    KnownAtom& known = *memory_.find(next->second);
    ++next;                                 // start() takes it out of the queue
    if (!known.now.is<Queued>()) continue;  // waits for the end of an earlier call
    if (!session_is_fresh()) return hand_back_queued("the ZooKeeper session is silent");
    start(known);
  }
}

void TaskRunner::start(KnownAtom& known) {
  Queued queued = std::move(known.now.get<Queued>());
  queue_.erase(queued.order);
  const auto& delivery = queued.asked.request.delivery;
  const CallId call = ++last_call_;
  running_.emplace(call, atom_of(delivery));
  ++figures_.started;

  Running running;
  running.order = queued.order;
  running.call = call;
  running.shown = delivery.dispatch;
  running.started = ports_.clock.steady();
  if (const auto limit = queued.asked.request.start_to_close)
    running.timeout = ports_.clock.after(*limit, [this, call, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) timed_out(call);
    });
  running.asked = std::move(queued.asked);
  known.now = std::move(running);
  ports_.tasks.start(call, known.now.get<Running>().asked.request,
                     [this, call, alive = std::weak_ptr(alive_)](TaskOutcome outcome) {
                       if (!alive.expired()) ended(call, std::move(outcome));
                     });
}

void TaskRunner::ended(CallId call, TaskOutcome outcome) {
  const auto found = running_.find(call);
  BATON_ASSERT(found != running_.end());
  const AtomKey key = found->second;
  running_.erase(found);
  KnownAtom& known = *memory_.find(key);
  Running running = std::move(known.now.get<Running>());
  if (running.timeout != 0) ports_.clock.cancel(running.timeout);
  if (running.behind) {  // superseded: nobody waits for its word
    known.now = *std::move(running.behind);
  } else {
    known.now.clear();
    finish(key, std::move(running), std::move(outcome));
  }
  start_queued();
  check_drained();
}

void TaskRunner::finish(const AtomKey& key, Running running, TaskOutcome outcome) {
  const auto& delivery = running.asked.request.delivery;
  KnownAtom& known = *memory_.find(key);
  if (delivery.dispatch < known.highest) return memory_.settle(key);  // given up meanwhile: it was told so
  const bool obeyed = is_of_type(outcome, failure_type::kCancelled);
  if (obeyed && running.cancelled)
    return say_for_good(running.asked.reply_to, delivery,
                        {NoOutcome::Closed, "it ended when it was cancelled"});
  if (obeyed && running.timed_out)
    outcome = Failure::make(std::string(failure_type::kTimedOut),
                            "it did not end within " +
                                std::to_string(running.asked.request.start_to_close->count()) +
                                " ms (start_to_close)");
  // It showed an older token than the one that it was adopted for: that says nothing about this delivery
  // (I20).
  if (is_of_type(outcome, kStaleToken) && delivery.dispatch > running.shown)
    return hand_back(running.asked, "its token was older than one that the target has seen");
  answer(key, std::move(running.asked), std::move(outcome), ports_.clock.steady() - running.started);
}

void TaskRunner::answer(const AtomKey& key, Asked asked, std::variant<Value, Failure> outcome,
                        Micros ran_for) {
  wire::Answer answer{asked.request.delivery, {}, ran_for};
  std::visit([&](auto& what) { answer.what = std::move(what); }, outcome);
  outbox_.add(asked.reply_to, answer);
  memory_.keep_answer(key, std::move(asked), std::move(answer), ports_.clock.steady());
  wake_repeats();
}

void TaskRunner::cancel(Running& running) {
  if (std::exchange(running.cancelled, true)) return;
  ports_.tasks.cancel(running.call);
}

void TaskRunner::timed_out(CallId call) {
  const auto found = running_.find(call);
  if (found == running_.end()) return;
  auto& running = memory_.find(found->second)->now.get<Running>();
  running.timeout = 0;
  running.timed_out = true;
  ports_.tasks.cancel(call);
}

void TaskRunner::session_lost() {
  hand_back_queued("the ZooKeeper session was lost before it started");
}

void TaskRunner::hand_back_queued(const std::string& why) {
  for (const auto& [order, key] : std::exchange(queue_, {})) {
    KnownAtom& known = *memory_.find(key);
    if (auto* running = known.now.get_if<Running>()) {
      const Asked asked = std::exchange(running->behind, {})->asked;
      hand_back(asked, why);
    } else {
      const Asked asked = std::move(known.now.get<Queued>().asked);
      known.now.clear();
      hand_back(asked, why);
    }
  }
}

void TaskRunner::hand_back(const Asked& asked, const std::string& why) {
  ++figures_.busy;
  say_for_good(asked.reply_to, asked.request.delivery, {NoOutcome::Busy, why});
}

/// Kafka will never take this answer: a small one in its place must arrive.
void TaskRunner::undeliverable(const wire::DeliveryId& delivery, const std::string& why) {
  const AtomKey key = atom_of(delivery);
  KnownAtom* known = memory_.find(key);
  const auto* answered = known ? known->now.get_if<Answered>() : nullptr;
  if (!answered || answered->answer.delivery != delivery) return;
  log_.error("answer cannot be sent", {{"flow", delivery.flow}, {"atom", delivery.atom}, {"why", why}});
  const Asked asked = answered->asked;
  const Micros ran_for = answered->answer.ran_for;
  answer(
      key, asked,
      Failure::make(std::string(failure_type::kBadResult), "the result cannot be sent through Kafka: " + why),
      ran_for);
}

void TaskRunner::drain(Millis deadline, std::function<void(bool)> done) {
  BATON_ASSERT(!draining_);
  draining_ = true;
  drained_ = std::move(done);
  hand_back_queued("draining");
  drain_timer_ = ports_.clock.after(deadline, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && drained_) std::exchange(drained_, nullptr)(false);
  });
  ports_.executor.post(guarded(&TaskRunner::check_drained));
}

/// Asked again whenever something ended, was recorded or was sent.

void TaskRunner::check_drained() {
  if (!draining_ || !drained_ || !running_.empty() || memory_.answers() > 0) return;
  if (!outbox_.empty()) return;  // comes again when the outbox has sent its last
  ports_.clock.cancel(drain_timer_);
  std::exchange(drained_, nullptr)(true);
}

}  // namespace baton::worker
