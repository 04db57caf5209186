#include "conductor/reply_listener.h"

namespace baton::conductor {

using runtime::UnreadableKind;

ReplyListener::ReplyListener(Flows& flows, Dispatcher& dispatcher, Outbox& outbox, Placement& placement,
                             Orphans& orphans, Counters& counters, runtime::Unreadables& unreadables,
                             const Bounds& bounds)
    : flows_(flows),
      dispatcher_(dispatcher),
      outbox_(outbox),
      placement_(placement),
      orphans_(orphans),
      counters_(counters),
      unreadables_(unreadables),
      busy_pause_(bounds.busy_pause),
      silent_rest_(bounds.silent_rest) {}

void ReplyListener::on_message(std::string_view bytes) {
  if (anything_) anything_();
  const auto addressee = wire::addressee(bytes);
  if (addressee != self_ && !addressee.value.is_nil()) return;  // partitions can be shared
  const auto message = wire::decode(bytes);
  if (!message.ok()) return unreadable(message.error());
  ++counters_.reply_messages;
  dispatcher_.heard_of(message->from);
  if (const auto* answers = std::get_if<wire::Answers>(&message->body)) {
    for (const auto& one : answers->answers) answer(message->from, one);
  } else if (const auto* report = std::get_if<wire::Report>(&message->body)) {
    dispatcher_.reported(message->from, *report);
  } else if (!std::holds_alternative<wire::Echo>(message->body)) {
    unreadables_.saw(UnreadableKind::Misplaced, "what only conductors say", message->from);
  }
}

/// A newer worker's word is lost. Its delivery is asked for again, and at last of another worker.
void ReplyListener::unreadable(const wire::Unreadable& what) {
  unreadables_.saw(what.unsupported ? UnreadableKind::Version : UnreadableKind::Message, what.message,
                   what.from);
}

/// An older worker, which cannot even tell what it was asked for. What is out there is sent again, and moves
/// on as from a silent worker, but uncharged; meanwhile nothing more is placed there.
void ReplyListener::unsupported(const Incarnation& from, const std::string& why) {
  unreadables_.saw(UnreadableKind::Unsupported, why, from);
  dispatcher_.cannot_read_us(from);
  placement_.rest(from, silent_rest_);
}

void ReplyListener::answer(const Incarnation& from, const wire::Answer& answer) {
  const auto& id = answer.delivery;
  ++counters_.answers;
  FlowInbox* flow = flows_.find(id.flow);
  const auto* word = std::get_if<wire::NotRun>(&answer.what);
  if (id.flow.value.is_nil() && word && word->kind == wire::NoOutcome::Unsupported)
    return unsupported(from, word->why);
  if (!flow) {
    ++counters_.answers_stale;
    if (!std::holds_alternative<wire::NotRun>(answer.what)) orphans_.add(from, id);
    return;
  }
  const AtomIndex atom = flow->find(id.atom);
  if (atom == kNoAtom) {
    ++counters_.answers_stale;
    return;
  }
  const DeliveryKey key{id.flow, atom, id.dispatch};
  if (!dispatcher_.holds(key)) ++counters_.answers_stale;
  // The engine accepts what fits what is recorded and ignores the rest; both may be forgotten by the worker
  // once the step is committed, which FlowHost tells it.
  if (const auto* none = std::get_if<wire::NotRun>(&answer.what))
    return not_run(from, *flow, key, answer, *none);
  engine::AtomFinished finished{atom, id.intention, id.attempt, id.dispatch, Value{}};
  if (const auto* result = std::get_if<Value>(&answer.what)) finished.outcome = *result;
  if (const auto* failure = std::get_if<Failure>(&answer.what)) finished.outcome = *failure;
  flow->take(std::move(finished), from);
  if (dispatcher_.end(key)) flow->take(engine::DeliveryClosed{atom, id.dispatch, false});
}

void ReplyListener::not_run(const Incarnation& from, FlowInbox& flow, const DeliveryKey& key,
                            const wire::Answer& answer, const wire::NotRun& none) {
  const auto& id = answer.delivery;
  const bool ending = dispatcher_.end(key);
  switch (none.kind) {
    case wire::NoOutcome::Busy:
      placement_.rest(from, busy_pause_);
      [[fallthrough]];
    case wire::NoOutcome::Refused:  // it will never run there: another number, perhaps another worker
      ++counters_.handed_back;
      if (ending) return flow.take(engine::DeliveryClosed{key.atom, key.dispatch, false});
      return flow.take(engine::HandedBack{key.atom, key.dispatch});
    case wire::NoOutcome::Unsupported:
      flow.take(engine::AtomFinished{key.atom, id.intention, id.attempt, id.dispatch,
                                     Failure::make(std::string(failure_type::kUnsupported), none.why)},
                from);
      if (ending) flow.take(engine::DeliveryClosed{key.atom, key.dispatch, false});
      return;
    case wire::NoOutcome::NotStarted:
    case wire::NoOutcome::Closed:
      return flow.take(engine::DeliveryClosed{key.atom, key.dispatch, false});
  }
  BATON_ASSERT(false);
}

void ReplyListener::on_drained() {
  flows_.step_touched();
  outbox_.flush();
  orphans_.ask();
}

void ReplyListener::on_room() {
  outbox_.on_room();
  if (room_ && !outbox_.full()) room_();
}

void ReplyListener::on_undeliverable(std::uint64_t tag, const ports::BusError& error) {
  dispatcher_.undeliverable(tag, error);
}

void ReplyListener::on_reachable(bool reachable) {
  if (reachable_) reachable_(reachable);
}

}  // namespace baton::conductor
