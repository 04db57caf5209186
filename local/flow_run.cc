#include "local/flow_run.h"

#include <algorithm>
#include <utility>

#include "common/model/assert.h"

namespace baton::local {
namespace {

bool is_failure(const engine::Event& event) {
  const auto* finished = std::get_if<engine::AtomFinished>(&event);
  return finished && std::holds_alternative<Failure>(finished->outcome);
}

bool is_order(const engine::Event& event) {
  return std::holds_alternative<engine::SuspendAsked>(event) ||
         std::holds_alternative<engine::CancelAsked>(event);
}

wire::Request request_of(engine::Request from, const Beginning& beginning) {
  wire::Request request;
  request.delivery = {beginning.flow, std::move(from.atom), from.intention, from.attempt, from.dispatch};
  request.task_type = std::move(from.task_type);
  request.arguments = std::move(from.arguments);
  request.result = std::move(from.result);
  request.failure = std::move(from.failure);
  request.flow_failures = std::move(from.flow_failures);
  request.start_to_close = from.start_to_close;
  request.job = beginning.job.value;
  return request;
}

}  // namespace

FlowRun::FlowRun(Beginning beginning, Ports ports, Settings settings, Listener& listener)
    : beginning_(std::move(beginning)),
      ports_(ports),
      settings_(std::move(settings)),
      listener_(listener),
      plan_(beginning_.plan),
      plan_kept_(beginning_.plan_kept),
      window_(settings_.slots) {}

FlowRun::~FlowRun() {
  for (const auto& [key, timer] : timers_) ports_.clock.cancel(timer);
}

template <class F>
auto FlowRun::guarded(F call) {
  return [alive = std::weak_ptr(alive_), call = std::move(call)](auto&&... arguments) mutable {
    if (!alive.expired()) call(std::forward<decltype(arguments)>(arguments)...);
  };
}

void FlowRun::begin() {
  auto made = make_engine(beginning_, ports_.retries);
  if (!made.ok()) {
    over_ = true;
    return listener_.on_lost(made.error().message);
  }
  engine_ = std::move(made).value();
  queue_ = first_events(beginning_, *engine_, settings_.slots, settings_.name);
  touch();
}

void FlowRun::suspend(const std::string& who, const std::string& why) {
  take(engine::SuspendAsked{who, why});
}

void FlowRun::cancel(const std::string& who, const std::string& why) {
  take(engine::CancelAsked{who, why});
}

std::vector<worker::CallId> FlowRun::calls() const {
  std::vector<worker::CallId> calls;
  for (const auto& [call, out] : running_) calls.push_back(call);
  std::sort(calls.begin(), calls.end());
  return calls;
}

std::vector<AtomIndex> FlowRun::running(std::size_t max) const {
  std::vector<AtomIndex> atoms;
  for (const auto call : calls()) {
    if (atoms.size() == max) break;
    atoms.push_back(running_.at(call).atom);
  }
  return atoms;
}

void FlowRun::progress(const Progressed& progressed) const {
  for (const auto call : calls()) progressed(running_.at(call).atom, ports_.tasks.progress(call));
}

// ---- one step

void FlowRun::take(engine::Event event) {
  queue_.push_back(std::move(event));
  touch();
}

void FlowRun::touch() {
  if (committing_ || over_ || !engine_ || std::exchange(touched_, true)) return;
  ports_.executor.post(guarded([this] {
    touched_ = false;
    step();
  }));
}

void FlowRun::step() {
  if (committing_ || over_) return;
  if (stops_starting()) hand_back_what_waits();
  const std::vector<engine::Event> events = std::exchange(queue_, {});
  engine::StepOutput out;
  const TimePoint now = ports_.clock.wall();
  engine_->step(now, events, out);
  place(now, out);
  commit(std::move(out));
}

bool FlowRun::stops_starting() const {
  return std::any_of(queue_.begin(), queue_.end(),
                     [](const engine::Event& event) { return is_failure(event) || is_order(event); });
}

/// Before what stops it, so that it is not charged for.
void FlowRun::hand_back_what_waits() {
  std::vector<engine::Event> back;
  for (const Recorded& one : std::exchange(recorded_, {}))
    back.emplace_back(engine::HandedBack{one.atom, one.dispatch});
  queue_.insert(queue_.begin(), back.begin(), back.end());
}

/// Answers every Place of this step as far as there is room. A retry runs inside the engine, so that its
/// placing can name further atoms in the same step.
void FlowRun::place(TimePoint now, engine::StepOutput& out) {
  placed_ = 0;
  for (std::size_t commands = 0;;) {
    std::vector<engine::Event> placed;
    for (; commands < out.commands.size(); ++commands) {
      const auto* named = std::get_if<engine::Place>(&out.commands[commands]);
      if (!named) continue;
      for (const AtomIndex atom : named->atoms) {
        if (plan_->kind(atom) == engine::AtomKind::Task)
          may_start_.push_back(atom);
        else if (engine_->may_start(atom))
          placed.emplace_back(engine::Placed{atom, {}, {}});
      }
    }
    for (; may_place(); may_start_.pop_front()) {
      if (!engine_->may_start(may_start_.front())) continue;
      placed.emplace_back(engine::Placed{may_start_.front(), settings_.self, settings_.name});
      ++placed_;
    }
    if (placed.empty()) return;
    engine_->step(now, placed, out);
    for (const auto& event : placed) {  // one whose arguments cannot be had has ended already
      const AtomIndex atom = std::get<engine::Placed>(event).atom;
      if (plan_->kind(atom) == engine::AtomKind::Task && !engine_->atom(atom).delivery) --placed_;
    }
  }
}

/// The next of those that may start. What a loss, or waiting, would harm is not recorded ahead of the slots.
bool FlowRun::may_place() const {
  if (may_start_.empty()) return false;
  const auto& task = plan_->task(may_start_.front());
  const bool ahead =
      task.on_worker_loss == engine::OnWorkerLoss::Redeliver && !task.timeouts.or_default().schedule_to_start;
  return running_.size() + recorded_.size() + placed_ < (ahead ? window_ : settings_.slots);
}

void FlowRun::commit(engine::StepOutput out) {
  commands_ = std::move(out.commands);
  committing_ = true;
  commit_began_ = ports_.clock.steady();
  if (out.facts.empty() && plan_kept_) return kept({}, {});
  ports::StepWrite write{beginning_.flow, beginning_.epoch, {}, std::nullopt, {}, {}};
  if (!plan_kept_) write_plan(write);
  for (const auto& command : commands_)
    if (const auto* taken = std::get_if<engine::OrderTaken>(&command))
      write.orders.push_back({*beginning_.asked, taken->no_effect});
  std::vector<Fact> facts;
  if (listener_.wants_facts()) facts = out.facts;
  write.facts = std::move(out.facts);
  ports_.keeper.keep(std::move(write),
                     guarded([this, facts = std::move(facts)](const Result<void, ports::StoreError>& done) {
                       kept(done, facts);
                     }));
}

void FlowRun::write_plan(ports::StepWrite& write) const {
  write.plan = engine::encode(*plan_);
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) write.atom_names.push_back(plan_->name(atom));
}

void FlowRun::kept(const Result<void, ports::StoreError>& done, const std::vector<Fact>& facts) {
  committing_ = false;
  if (!done.ok()) {
    over_ = true;
    return listener_.on_lost(done.error().message);
  }
  plan_kept_ = true;
  follow_pace(ports_.clock.steady() - commit_began_);
  std::optional<FlowState> finish;
  for (const auto& command : std::exchange(commands_, {})) {
    obey(command);
    if (const auto* finished = std::get_if<engine::Finish>(&command)) finish = finished->state;
  }
  if (!finish && !stops_starting()) start_recorded();
  if (!facts.empty()) listener_.on_facts(*engine_, facts);
  if (finish) {
    over_ = true;
    return listener_.on_end(*finish);
  }
  if (!queue_.empty() || may_place()) touch();
  check_moves();
}

/// More than the slots hold is only recorded at once where the slots stood idle while a commit was under way.
void FlowRun::follow_pace(Micros commit_took) {
  const bool starved = running_.empty() && recorded_.empty() && !may_start_.empty();
  if (task_took_ > commit_took * 4)
    window_ = settings_.slots;
  else if (starved && task_took_ < commit_took)
    window_ = std::min(window_ * 2, std::max<std::size_t>(kWindowMax, settings_.slots));
}

/// A flow that has not ended waits for something that will come.
void FlowRun::check_moves() const {
  BATON_ASSERT(touched_ || !running_.empty() || !recorded_.empty() || !timers_.empty() || !queue_.empty());
}

// ---- what the engine asks for

void FlowRun::obey(const engine::Command& command) {
  if (const auto* send = std::get_if<engine::Send>(&command)) {
    if (const AtomRecord& record = engine_->atom(send->atom); record.delivery)
      recorded_.push_back({send->atom, record.dispatch});
  } else if (const auto* cancel = std::get_if<engine::CancelDelivery>(&command)) {
    end_delivery(cancel->atom, cancel->dispatch);
  } else if (const auto* probe = std::get_if<engine::Probe>(&command)) {
    if (!is_out(probe->atom, probe->dispatch))
      queue_.emplace_back(
          engine::DeliveryLost{probe->atom, probe->dispatch, "the process that ran it has ended"});
  } else if (const auto* timer = std::get_if<engine::SetTimer>(&command)) {
    timers_[timer->timer] = ports_.clock.after(timer->after, guarded([this, key = timer->timer] {
                                                 timers_.erase(key);
                                                 take(engine::TimerFired{key});
                                               }));
  } else if (const auto* timer_off = std::get_if<engine::CancelTimer>(&command)) {
    const auto found = timers_.find(timer_off->timer);
    if (found == timers_.end()) return;
    ports_.clock.cancel(found->second);
    timers_.erase(found);
  }
}

bool FlowRun::is_out(AtomIndex atom, Dispatch dispatch) const {
  return std::any_of(running_.begin(), running_.end(), [&](const auto& call) {
    return call.second.atom == atom && call.second.dispatch == dispatch;
  });
}

void FlowRun::end_delivery(AtomIndex atom, Dispatch dispatch) {
  for (auto& [call, out] : running_) {
    if (out.atom != atom || out.dispatch != dispatch) continue;
    if (!std::exchange(out.cancelled, true)) ports_.tasks.cancel(call);
    return;
  }
  std::erase_if(recorded_, [&](const Recorded& one) { return one.atom == atom && one.dispatch == dispatch; });
  queue_.emplace_back(engine::DeliveryClosed{atom, dispatch, false});
}

void FlowRun::start_recorded() {
  while (running_.size() < settings_.slots && !recorded_.empty()) {
    const Recorded next = recorded_.front();
    recorded_.pop_front();
    const AtomRecord& record = engine_->atom(next.atom);
    if (record.delivery && record.dispatch == next.dispatch) start(next);
  }
}

void FlowRun::start(const Recorded& one) {
  const AtomRecord& record = engine_->atom(one.atom);
  const worker::CallId call = ++last_call_;
  const auto intention = record.state == AtomState::Reverting ? Intention::Revert : Intention::Execute;
  running_[call] = {one.atom, one.dispatch, record.attempt, intention, false, ports_.clock.steady()};
  const auto& timeouts = plan_->task(one.atom).timeouts.or_default();
  if (timeouts.start_to_close || timeouts.schedule_to_start)
    take(engine::DeliveryStarted{one.atom, one.dispatch});
  ports_.tasks.start(call, request_of(engine_->request(one.atom), beginning_),
                     guarded([this, call](worker::TaskOutcome outcome) { ended(call, std::move(outcome)); }));
}

void FlowRun::ended(worker::CallId call, worker::TaskOutcome outcome) {
  const auto found = running_.find(call);
  BATON_ASSERT(found != running_.end());
  const Out out = found->second;
  running_.erase(found);
  task_took_ = ports_.clock.steady() - out.began;
  const auto* failure = std::get_if<Failure>(&outcome);
  if (out.cancelled && failure && failure->type == failure_type::kCancelled)
    queue_.emplace_back(engine::DeliveryClosed{out.atom, out.dispatch, false});
  else
    queue_.emplace_back(engine::AtomFinished{
        out.atom, out.intention, out.attempt, out.dispatch,
        std::visit([](auto&& what) -> std::variant<Value, Failure> { return std::move(what); },
                   std::move(outcome))});
  if (over_ || !engine_) return;
  if (!stops_starting()) start_recorded();
  if (running_.empty() && !touched_ && ports_.keeper.is_immediate()) return step();
  touch();
}

}  // namespace baton::local
