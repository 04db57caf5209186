// FlowHost's memory: how it is loaded, and what voids it.
#include "conductor/flow_host.h"

#include <algorithm>

#include "conductor/orders.h"

namespace baton::conductor {

void FlowHost::begin(engine::PlanPtr plan) {
  keep(std::move(plan));
  if (make_engine(FlowState::Pending, {}, 0)) start();
}

void FlowHost::begin_loaded(engine::PlanPtr plan) {
  keep(std::move(plan));
  load();
}

void FlowHost::keep(engine::PlanPtr plan) {
  plan_ = std::move(plan);
  count_->set(plan_->size());
}

bool FlowHost::make_engine(FlowState state, std::vector<AtomRecord> atoms, std::uint64_t last_seq) {
  auto made = engine::Engine::make(plan_, options_, state, std::move(atoms), last_seq, identity_.run);
  if (made.ok()) {
    engine_ = std::move(made).value();
    return true;
  }
  last_word([&, why = made.error().message] { owner_.flow_stuck(why); });
  return false;
}

/// The first event of an engine's life, and what has been asked of it; words of workers that came before it
/// are behind it in the same step.
void FlowHost::start(const std::vector<ports::OrderRecord>& orders) {
  phase_ = Phase::Working;
  std::vector<Queued> first{{engine::Started{identity_.epoch.generation}, {}, {}}};
  if (with_.hooks)
    for (auto& order : with_.hooks->on_begin(identity_.flow, *engine_))
      first.push_back({std::move(order), {}, {}});
  queue_orders(first, orders);
  queue_orders(first, std::exchange(early_orders_, {}));
  queue_.insert(queue_.begin(), first.begin(), first.end());
  step();
}

void FlowHost::queue_orders(std::vector<Queued>& first, const std::vector<ports::OrderRecord>& orders) {
  for (const auto& record : orders)
    if (is_new(record)) first.push_back({event_of(record), {}, record});
}

void FlowHost::load() {
  phase_ = Phase::Loading;
  with_.store.load(identity_.flow, identity_.epoch,
                   alive_.guard([this](Result<ports::FlowSnapshot, ports::StoreError> snapshot) {
                     loaded(std::move(snapshot));
                   }));
}

void FlowHost::loaded(Result<ports::FlowSnapshot, ports::StoreError> snapshot) {
  if (draining_) return;
  // A good answer shows that the store reads, not that it commits: it is no sign of life.
  if (snapshot.ok()) {
    unloadable_since_.reset();
    return restore(std::move(snapshot).value());
  }
  const auto& error = snapshot.error();
  switch (error.code) {
    case ports::StoreErrorCode::ClaimLost:
      return last_word([&] { owner_.flow_fenced(error.message); });
    case ports::StoreErrorCode::OutcomeUnknown:
    case ports::StoreErrorCode::Unavailable:
      with_.lifeline.store_failed(error.message);
      if (!unloadable_too_long()) return reload_later();
      return last_word([&] {
        owner_.flow_stuck("it cannot be loaded, though this conductor can write to the store: " +
                          error.message);
      });
    case ports::StoreErrorCode::Conflict:
      if (++conflicts_ <= with_.bounds.conflicts_max) return reload_later();
      [[fallthrough]];
    case ports::StoreErrorCode::Unstorable:
    case ports::StoreErrorCode::SchemaMismatch:
    case ports::StoreErrorCode::NotFound:
      return last_word([&] { owner_.flow_stuck("it cannot be loaded: " + error.message); });
  }
  BATON_ASSERT(false);
}

/// A store that is away altogether frees every claim sooner (lifeline.h).
bool FlowHost::unloadable_too_long() {
  const Micros now = with_.timers.now();
  if (!unloadable_since_) unloadable_since_ = now;
  return now - *unloadable_since_ >= with_.bounds.load_grace;
}

void FlowHost::restore(ports::FlowSnapshot snapshot) {
  const runtime::AtWorkOn named(with_.marker, identity_.job.value);
  with_.time.heard(snapshot.now);
  if (is_final(snapshot.state)) return last_word([&, state = snapshot.state] { owner_.flow_ended(state); });
  plan_recorded_ = !snapshot.plan.empty();
  if (plan_recorded_ && !plan_) {
    auto plan = engine::decode(snapshot.plan);
    if (!plan.ok())
      return last_word([&] { owner_.flow_stuck("its plan cannot be read: " + plan.error().message); });
    keep(std::move(plan).value());
  }
  if (!plan_) return last_word([&] { owner_.flow_stuck("the store has lost its plan"); });
  if (!plan_recorded_) snapshot.atoms.clear();  // our first commit was not one: begin as new
  if (!make_engine(snapshot.state, std::move(snapshot.atoms), snapshot.last_seq)) return;
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) {
    const AtomRecord& record = engine_->atom(atom);
    if (!record.delivery) continue;
    const Incarnation& worker = record.delivery->worker;
    slots_.restore(atom, record);
    if (!with_.watch.died(worker)) continue;
    // Placed again in the first commit, beside what else starts: no copy is sent to the dead.
    Loss loss = with_.watch.loss(worker, identity_.flow, plan_->name(atom));
    if (enqueue(engine::DeliveryLost{atom, record.dispatch, std::move(loss.why), loss.charged}, {}))
      ++with_.counters.deliveries_lost;
  }
  start(snapshot.orders);
}

// ---- anything but a clear commit

void FlowHost::not_committed(const ports::StoreError& error) {
  committing_ = false;
  if (draining_) {
    end();
    return quiet_();
  }
  switch (error.code) {
    case ports::StoreErrorCode::ClaimLost:
      return last_word([&] { owner_.flow_fenced(error.message); });
    case ports::StoreErrorCode::SchemaMismatch:
      return last_word([&] { owner_.flow_stuck(error.message); });
    case ports::StoreErrorCode::Unstorable:
      if (!replace_guilty(error))
        return last_word([&] { owner_.flow_stuck("the store refuses it: " + error.message); });
      break;
    case ports::StoreErrorCode::Conflict:
    case ports::StoreErrorCode::NotFound:
      if (++conflicts_ > with_.bounds.conflicts_max)
        return last_word([&] { owner_.flow_stuck("its steps do not fit its records: " + error.message); });
      break;
    case ports::StoreErrorCode::OutcomeUnknown:
      if (doubted_too_often())
        return last_word([&] {
          owner_.flow_stuck("its commits end without a clear outcome, though the store takes others: " +
                            error.message);
        });
      [[fallthrough]];
    case ports::StoreErrorCode::Unavailable:
      with_.lifeline.store_failed(error.message);
      break;
  }
  ++with_.counters.reloads;
  const bool away = error.code == ports::StoreErrorCode::Unavailable;
  const bool again = error.code == ports::StoreErrorCode::OutcomeUnknown && std::exchange(unclear_, true);
  void_memory();
  phase_ = Phase::Loading;
  away || again ? reload_later() : load();
}

/// Only where the store was there before: if it is not, that is no flow's fault, and the lifeline's matter.
bool FlowHost::doubted_too_often() {
  return with_.lifeline.store_there() && ++doubts_ > with_.bounds.conflicts_max;
}

/// The outcome that the store refuses becomes a failure; false: it is not an outcome, or was one already.
bool FlowHost::replace_guilty(const ports::StoreError& error) {
  bool replaced = false;
  for (auto& queued : taken_) {
    auto* finished = std::get_if<engine::AtomFinished>(&queued.event);
    if (!finished || finished->atom != error.guilty) continue;
    const auto* failure = std::get_if<Failure>(&finished->outcome);
    if (failure && failure->type == failure_type::kUnstorable) return false;
    finished->outcome = Failure::make(std::string(failure_type::kUnstorable),
                                      "the outcome cannot be stored: " + error.message);
    replaced = true;
  }
  return replaced;
}

/// Forgets all that was not read from the store, what people ask included: it is read again. What workers
/// have said is kept and said again: it fits what is recorded, or the engine ignores it.
void FlowHost::void_memory() {
  engine_.reset();
  commands_.clear();
  for (const auto& [key, timer] : timers_) with_.timers.cancel(timer);
  timers_.clear();
  with_.placement.forget(identity_.flow);
  with_.dispatcher.forget(identity_.flow);
  slots_.clear();
  for (const auto& grant : granted_) with_.placement.release(grant.worker);
  granted_.clear();
  last_order_ = 0;
  std::vector<Queued> words;
  for (auto* events : {&taken_, &queue_})
    for (auto& queued : *events)
      if (!queued.order && !std::holds_alternative<engine::Started>(queued.event) &&
          !std::holds_alternative<engine::TimerFired>(queued.event))
        words.push_back(std::move(queued));
  taken_.clear();
  queue_ = std::move(words);
}

void FlowHost::reload_later() {
  with_.timers.after(reload_pause_, alive_.guard([this] {
    if (!draining_) load();
  }));
  reload_pause_ = std::min(reload_pause_ * 2, with_.bounds.reload_pause_max);
}

}  // namespace baton::conductor
