#include "conductor/flow_host.h"

#include <algorithm>
#include <cstring>

#include "conductor/orders.h"

namespace baton::conductor {
namespace {

/// As good as random, since a flow's id is a hash, and the same for whoever takes the flow over.
std::uint64_t seed_of(const FlowId& flow) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, flow.value.bytes.data(), sizeof seed);
  return seed;
}

}  // namespace

FlowHost::FlowHost(Identity identity, engine::Options options, std::shared_ptr<AtomCount> count,
                   HostServices services, Owner& owner)
    : identity_(std::move(identity)),
      options_(std::move(options)),
      count_(std::move(count)),
      with_(services),
      owner_(owner),
      slots_(identity_.flow, with_.placement, with_.dispatcher),
      reload_pause_(with_.bounds.reload_pause_first) {
  with_.flows.add(identity_.flow, *this);
  options_.seed = seed_of(identity_.flow);
  options_.user_retries = with_.retries;
  if (with_.hooks)
    options_.before_retry = [this](AtomIndex retry, Intention call) {
      return with_.hooks->before_retry(identity_.flow, retry, call);
    };
}

FlowHost::~FlowHost() {
  end();
}

void FlowHost::end() {
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Ended;
  alive_.renew();
  with_.flows.remove(identity_.flow);
  count_->set(0);
  void_memory();
}

void FlowHost::drain(std::function<void()> quiet) {
  draining_ = true;
  quiet_ = std::move(quiet);
  if (committing_) return;
  end();
  quiet_();
}

// ---- what others tell

void FlowHost::touch() {
  if (committing_ || phase_ != Phase::Working || std::exchange(touched_, true)) return;
  with_.flows.touch(identity_.flow);
}

std::optional<FlowHost::Word> FlowHost::word_of(const engine::Event& event) {
  return std::visit(
      [kind = event.index()](const auto& said) -> std::optional<Word> {
        using Said = std::decay_t<decltype(said)>;
        if constexpr (std::is_same_v<Said, engine::AtomFinished>)
          return Word{kind, said.atom, said.dispatch, said.attempt, said.intention};
        else if constexpr (requires { said.dispatch; })
          return Word{kind, said.atom, said.dispatch, 0, Intention::Execute};
        else
          return std::nullopt;
      },
      event);
}

/// False: it waits already. Workers repeat their answers, with results, for as long as nothing is recorded.
bool FlowHost::enqueue(engine::Event event, Incarnation from) {
  if (const auto word = word_of(event); word && !words_.insert(*word).second) return false;
  queue_.push_back({std::move(event), from, {}});
  return true;
}

void FlowHost::take(engine::Event event, Incarnation from) {
  if (enqueue(std::move(event), from)) touch();
}

void FlowHost::order(const ports::OrderRecord& record) {
  if (phase_ == Phase::Loading) {
    if (early_orders_.empty() || early_orders_.back().id < record.id) early_orders_.push_back(record);
    return;
  }
  if (!is_new(record)) return;
  queue_.push_back({event_of(record), {}, record});
  touch();
}

/// Numbers of a flow's orders grow: they are given under its row lock.
bool FlowHost::is_new(const ports::OrderRecord& record) {
  if (record.id <= last_order_) return false;
  last_order_ = record.id;
  return true;
}

void FlowHost::grant(AtomIndex atom, Incarnation worker, const std::string& worker_name) {
  granted_.push_back({atom, worker, worker_name});
  touch();
}

bool FlowHost::may_start(AtomIndex atom) const {
  return engine_ && !draining_ && engine_->may_start(atom);
}

AtomIndex FlowHost::find(std::string_view atom) const {
  return plan_ ? plan_->find(atom) : kNoAtom;
}

bool FlowHost::wants_start(AtomIndex atom) const {
  const auto& timeouts = plan_->task(atom).timeouts.or_default();
  return timeouts.start_to_close || timeouts.schedule_to_start;
}

std::optional<wire::Request> FlowHost::request(AtomIndex atom, Dispatch dispatch) const {
  if (!engine_ || !engine_->atom(atom).delivery || engine_->atom(atom).dispatch != dispatch)
    return std::nullopt;
  return request_of(atom);
}

// ---- one step

void FlowHost::step() {
  touched_ = false;
  if (phase_ != Phase::Working || committing_ || draining_ || (queue_.empty() && granted_.empty())) return;
  BATON_ASSERT(taken_.empty());
  const runtime::AtWorkOn named(with_.marker, identity_.job.value);
  taken_.swap(queue_);
  std::vector<engine::Event> events;
  events.reserve(taken_.size());
  for (const auto& queued : taken_) {
    slots_.hear(queued.event);
    events.push_back(queued.event);
  }
  engine::StepOutput out;
  const TimePoint now = with_.time.now();  // one commit, one moment: the engine bounds what comes in it
  engine_->step(now, events, out);
  follow(out.facts, 0);
  place(now, out);
  commit(std::move(out));
}

/// Answers every Place of this step, and takes up room that was kept for atoms that waited. A retry runs
/// inside the engine, so that its placing can name further atoms in the same step.
void FlowHost::place(TimePoint now, engine::StepOutput& out) {
  std::size_t commands = 0, facts = out.facts.size();
  for (;;) {
    std::vector<engine::Event> placed;
    std::unordered_set<AtomIndex> asked, chosen;
    if (order_instead(now, out, commands)) facts = out.facts.size();
    for (; commands < out.commands.size(); ++commands) {
      const auto* named = std::get_if<engine::Place>(&out.commands[commands]);
      if (!named) continue;
      for (const AtomIndex atom : named->atoms)
        if (engine_->may_start(atom) && asked.insert(atom).second)
          if (auto one = place_one(atom)) chosen.insert(atom), placed.emplace_back(std::move(*one));
    }
    std::vector<Grant> granted;
    granted.swap(granted_);
    for (auto& grant : granted) {
      // What had to wait a moment ago may have been granted since: another atom's old place became free.
      if (!engine_->may_start(grant.atom) || !chosen.insert(grant.atom).second) {
        with_.placement.release(grant.worker);
        continue;
      }
      placed.emplace_back(slots_.take(grant.atom, grant.worker, std::move(grant.name)));
    }
    if (placed.empty()) {
      if (granted_.empty()) return;
      continue;  // what was released came back to another atom of ours
    }
    engine_->step(now, placed, out);
    follow(out.facts, facts);
    facts = out.facts.size();
    for (const auto& event : placed) {
      const AtomIndex atom = std::get<engine::Placed>(event).atom;
      slots_.follow(atom, engine_->atom(atom));
    }
  }
}

/// True: an order came in place of the starts that were asked for; the engine has taken it.
bool FlowHost::order_instead(TimePoint now, engine::StepOutput& out, std::size_t commands) {
  const auto asks = [](const engine::Command& each) { return std::holds_alternative<engine::Place>(each); };
  if (!with_.hooks ||
      std::none_of(out.commands.begin() + static_cast<std::ptrdiff_t>(commands), out.commands.end(), asks))
    return false;
  const auto order = with_.hooks->before_starts(identity_.flow, *engine_, out.facts);
  if (!order) return false;
  const std::size_t facts = out.facts.size();
  engine_->step(now, {&*order, 1}, out);
  follow(out.facts, facts);
  return true;
}

std::optional<engine::Placed> FlowHost::place_one(AtomIndex atom) {
  if (plan_->kind(atom) == engine::AtomKind::Retry) return engine::Placed{atom, Incarnation{}, {}};
  return slots_.place(atom, plan_->task(atom), engine_->atom(atom).intention);
}

/// Keeps slots and open deliveries as the facts say.
void FlowHost::follow(const std::vector<Fact>& facts, std::size_t from) {
  for (std::size_t i = from; i < facts.size(); ++i)
    if (const auto* fact = std::get_if<AtomFact>(&facts[i].body))
      slots_.follow(fact->atom, engine_->atom(fact->atom));
}

void FlowHost::commit(engine::StepOutput out) {
  ++with_.counters.steps;
  with_.counters.facts += out.facts.size();
  commands_ = std::move(out.commands);
  committing_ = true;
  auto orders = orders_taken(commands_);
  if (out.facts.empty() && orders.empty() && plan_recorded_) return committed({});
  ports::StepWrite write{identity_.flow, identity_.epoch, {}, std::nullopt, {}, std::move(orders), {}};
  if (!plan_recorded_) {
    write.plan = engine::encode(*plan_);
    for (AtomIndex atom = 0; atom < plan_->size(); ++atom) write.atom_names.push_back(plan_->name(atom));
  }
  std::vector<Fact> shown;
  if (!with_.feed.idle()) shown = out.facts;
  if (with_.hook_desk) write.hook_calls = hook_calls(out.facts);
  write.facts = std::move(out.facts);
  const std::size_t calls = write.hook_calls.size();
  with_.store.append(
      std::move(write),
      alive_.guard([this, calls, shown = std::move(shown)](Result<void, ports::StoreError> done) {
        if (!done.ok()) return not_committed(done.error());
        if (calls > 0) with_.hook_desk->recorded(calls);
        recorded(shown);
      }));
}

/// Who is to be called when these facts are recorded.
std::vector<ports::NewHookCall> FlowHost::hook_calls(const std::vector<Fact>& facts) const {
  const FlowFact* last = nullptr;
  for (const Fact& fact : facts)
    if (const auto* flow = std::get_if<FlowFact>(&fact.body)) last = flow;
  if (!last || !is_final(last->state)) return {};
  RunEnd end{last->state, false, last->failure ? &*last->failure : nullptr};
  for (AtomIndex atom = 0; atom < plan_->size() && !end.revert_failed; ++atom)
    end.revert_failed = engine_->atom(atom).state == AtomState::RevertFailure;
  return with_.hook_desk->book().at_end(identity_.subject, end);
}

std::vector<ports::TakenOrder> FlowHost::orders_taken(const std::vector<engine::Command>& commands) const {
  std::vector<ports::TakenOrder> taken;
  for (const auto& command : commands) {
    const auto* answered = std::get_if<engine::OrderTaken>(&command);
    if (!answered) continue;
    const auto found = std::find_if(taken_.begin(), taken_.end(), [&](const Queued& queued) {
      return queued.order && queued.order->id == answered->order;
    });
    BATON_ASSERT(found != taken_.end());
    taken.push_back({*found->order, answered->no_effect});
  }
  return taken;
}

void FlowHost::recorded(const std::vector<Fact>& facts) {
  with_.lifeline.store_answered();
  plan_recorded_ = true;
  conflicts_ = doubts_ = 0;
  unclear_ = false;
  reload_pause_ = with_.bounds.reload_pause_first;
  committed(facts);
}

void FlowHost::committed(const std::vector<Fact>& facts) {
  committing_ = false;
  if (!facts.empty())
    with_.feed.publish({identity_.job, identity_.flow, identity_.run, with_.clock.wall(), *plan_, facts});
  for (const auto& queued : taken_) {
    if (const auto word = word_of(queued.event)) words_.erase(*word);
    if (queued.order) ++with_.counters.orders_taken;
    if (const auto* finished = std::get_if<engine::AtomFinished>(&queued.event)) {
      ++with_.counters.atoms_finished;
      // Recorded now, or obsolete for good: either way the worker need not keep it.
      if (queued.from != Incarnation{})
        with_.outbox.recorded(queued.from, {identity_.flow, plan_->name(finished->atom), finished->intention,
                                            finished->attempt, finished->dispatch});
    }
  }
  taken_.clear();
  std::vector<engine::Command> commands;
  commands.swap(commands_);
  std::optional<FlowState> finish;
  for (const auto& command : commands) {
    obey(command);
    if (const auto* finished = std::get_if<engine::Finish>(&command)) finish = finished->state;
  }
  if (draining_) {
    end();
    return quiet_();
  }
  if (finish && is_final(*finish)) return last_word([&] { owner_.flow_ended(*finish); });
  if (!queue_.empty() || !granted_.empty()) touch();
}

// ---- what the engine asks for

void FlowHost::obey(const engine::Command& command) {
  if (const auto* send = std::get_if<engine::Send>(&command)) {
    obey_send(send->atom);
  } else if (const auto* cancel = std::get_if<engine::CancelDelivery>(&command)) {
    with_.dispatcher.cancel({identity_.flow, cancel->atom, cancel->dispatch}, cancel->worker,
                            delivery_of(cancel->atom, cancel->dispatch), *cancel->why);
  } else if (const auto* probe = std::get_if<engine::Probe>(&command)) {
    if (!slots_.open(probe->atom)) return;  // as in obey_send
    with_.dispatcher.probe({identity_.flow, probe->atom, probe->dispatch}, probe->worker,
                           delivery_of(probe->atom, probe->dispatch));
  } else if (const auto* timer = std::get_if<engine::SetTimer>(&command)) {
    set_timer(*timer);
  } else if (const auto* timer_off = std::get_if<engine::CancelTimer>(&command)) {
    const auto found = timers_.find(timer_off->timer);
    if (found == timers_.end()) return;
    with_.timers.cancel(found->second);
    timers_.erase(found);
  }
}

void FlowHost::obey_send(AtomIndex atom) {
  const AtomRecord& record = engine_->atom(atom);
  // Ended or handed back in the same step, by words that were waiting for this engine.
  if (!record.delivery || !slots_.open(atom)) return;
  with_.dispatcher.send({identity_.flow, atom, record.dispatch}, record.delivery->worker, request_of(atom),
                        plan_->task(atom).timeouts.or_default().heartbeat);
}

void FlowHost::set_timer(const engine::SetTimer& timer) {
  timers_[timer.timer] = with_.timers.after(timer.after, alive_.guard([this, key = timer.timer] {
    timers_.erase(key);
    take(engine::TimerFired{key});
  }));
}

wire::DeliveryId FlowHost::delivery_of(AtomIndex atom, Dispatch dispatch) const {
  const AtomRecord& record = engine_->atom(atom);
  const bool reverting = record.state == AtomState::Reverting;
  return {identity_.flow, plan_->name(atom), reverting ? Intention::Revert : Intention::Execute,
          record.attempt, dispatch};
}

wire::Request FlowHost::request_of(AtomIndex atom) const {
  engine::Request from = engine_->request(atom);
  wire::Request request;
  request.delivery = {identity_.flow, std::move(from.atom), from.intention, from.attempt, from.dispatch};
  request.task_type = std::move(from.task_type);
  request.arguments = std::move(from.arguments);
  request.result = std::move(from.result);
  request.failure = std::move(from.failure);
  request.flow_failures = std::move(from.flow_failures);
  request.start_to_close = from.start_to_close;
  request.job = identity_.job.value;
  return request;
}

void FlowHost::show(LiveFlow& live, bool lists) const {
  live.flow = identity_.flow;
  live.epoch = identity_.epoch;
  live.run = identity_.run;
  live.phase = phase_ == Phase::Loading ? "loading" : draining_ ? "handing over" : "working";
  live.atoms = atoms();
  live.running_count = with_.dispatcher.running_count(identity_.flow);
  live.waiting_count = with_.placement.waiting_count(identity_.flow);
  if (!engine_) return;
  live.state = engine_->state();
  live.atoms_done = engine_->done();
  if (!lists) return;
  live.running = with_.dispatcher.running(identity_.flow, kShownAtomsMax);
  for (auto& running : live.running)
    if (const auto* name = slots_.worker_name(plan_->find(running.name))) running.worker_name = *name;
  live.waiting = with_.placement.waiting(
      identity_.flow,
      [this](AtomIndex atom, WaitingAtom& waiting) {
        waiting.name = plan_->name(atom);
        waiting.intention = engine_->atom(atom).intention;
      },
      kShownAtomsMax);
}

}  // namespace baton::conductor
