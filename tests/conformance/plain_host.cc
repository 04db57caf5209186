// The engine without a cluster around it: steps and commits in a loop, calls in the hands of Workers.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/conformance/engine_host.h"
#include "tests/conformance/scripted_policy.h"
#include "tests/conformance/workers.h"

namespace baton::conformance {
namespace {

using engine::Engine;
using engine::Event;
using engine::StepOutput;

constexpr std::uint32_t kNoBound = 1'000'000'000;  // the most that a flow may say

/// Cases have no bound on deliveries; each crash of a case costs one.
engine::FlowSpec without_delivery_bound(engine::FlowSpec flow) {
  for (engine::NodeSpec& node : flow.nodes) {
    if (auto* task = std::get_if<engine::TaskSpec>(&node)) {
      task->max_deliveries = kNoBound;
    } else {
      auto& nested = std::get<std::shared_ptr<const engine::FlowSpec>>(node);
      nested = std::make_shared<const engine::FlowSpec>(without_delivery_bound(*nested));
    }
  }
  return flow;
}

/// The engines run what a store gives back.
Result<engine::PlanPtr, engine::FlowError> stored_plan(const Case& one) {
  auto flow = engine::read_flow(one.flow);
  if (!flow) return Fail(flow.error());
  auto plan = engine::compile(without_delivery_bound(*std::move(flow)), one.store);
  if (!plan) return Fail(plan.error());
  return engine::decode(engine::encode(**plan));
}

class PlainHost final : public EngineHost {
 public:
  PlainHost(Stage& stage, std::unique_ptr<Workers> workers) : stage_(stage), workers_(std::move(workers)) {}

  End live() override;
  FlowState stored_state() const override { return stage_.commits.store().state; }
  std::map<std::string, AtomRecord> stored_atoms() const override;

 private:
  std::unique_ptr<Engine> restored();
  std::vector<Event> first_events() const;
  End run(Engine&);
  bool commit(Engine&, std::vector<Event>);
  void answer_places(Engine&, StepOutput&);
  void obey(const Engine&, const engine::Command&);
  void send(const Engine&, AtomIndex);
  std::vector<Event> next_events();
  void forget();
  void defect(std::string what) { stage_.seen.defects.push_back(std::move(what)); }

  Stage& stage_;
  std::unique_ptr<Workers> workers_;
  engine::PlanPtr plan_;
  ScriptedPolicy policy_;
  TimePoint now_{};
  std::map<engine::TimerKey, TimePoint> timers_;
  std::set<AtomIndex> silent_;  // out, and nothing will be said of them
  std::vector<Event> said_;     // to be handed in next
};

EngineHost::End PlainHost::live() {
  if (!plan_) {
    auto plan = stored_plan(stage_.one);
    if (!plan) {
      stage_.seen.error = plan.error();
      return End::Refused;
    }
    plan_ = *std::move(plan);
  }
  stage_.commits.begin_life(*plan_);
  const auto engine = restored();
  return engine ? run(*engine) : End::Over;
}

std::unique_ptr<Engine> PlainHost::restored() {
  engine::Options options;
  options.defer_reverts = stage_.one.options.defer_reverts;
  options.never_resolve = stage_.one.options.never_resolve;
  options.user_retries = &policy_;
  options.before_retry = [this](AtomIndex atom, Intention call) {
    return stage_.cast.retry(plan_->name(atom), call);
  };
  const CaseStore& store = stage_.commits.store();
  auto made = Engine::make(plan_, options, store.state, store.atoms, store.last_seq);
  if (made) return std::move(made).value();
  defect(made.error().message);
  return nullptr;
}

/// A crash ends the workers too, and that is known.
std::vector<Event> PlainHost::first_events() const {
  std::vector<Event> events{engine::Started{}};
  const CaseStore& store = stage_.commits.store();
  if (store.state == FlowState::Suspended || store.state == FlowState::Suspending)
    events.emplace_back(engine::ResumeAsked{"the runner", ""});
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    if (store.atoms[atom].delivery)
      events.emplace_back(engine::DeliveryLost{atom, store.atoms[atom].dispatch, "crash"});
  return events;
}

EngineHost::End PlainHost::run(Engine& engine) {
  std::vector<Event> events = first_events();
  for (;;) {
    if (!commit(engine, std::move(events))) {
      forget();
      return End::Crashed;
    }
    if (engine.finished()) return forget(), End::Over;
    events = next_events();
    if (events.empty()) {
      defect("the flow stands still in " + std::string(to_string(engine.state())));
      return End::Over;
    }
    stage_.deeds.messages += events.size();
    stage_.deeds.threads_max = std::max(stage_.deeds.threads_max, workers_->threads());
    for (const pid_t pid : workers_->pids()) stage_.deeds.saw_process(pid);
  }
}

/// One step and all the starts that belong to its commit. False: a crash POINT was in it.
bool PlainHost::commit(Engine& engine, std::vector<Event> events) {
  StepOutput out;
  engine.step(now_, events, out);
  answer_places(engine, out);
  stage_.commits.commit(out.facts);
  if (stage_.commits.crashed()) {
    stage_.call_what_was_begun(engine);
    return false;
  }
  stage_.commits.compare("live", engine.state(),
                         [&](AtomIndex atom) -> const AtomRecord& { return engine.atom(atom); });
  for (const engine::Command& command : out.commands) obey(engine, command);
  return true;
}

/// Placement is chosen before the commit. An order that is due comes in its place.
void PlainHost::answer_places(Engine& engine, StepOutput& out) {
  for (std::size_t next = 0; next < out.commands.size(); ++next) {
    const auto* place = std::get_if<engine::Place>(&out.commands[next]);
    if (!place) continue;
    std::vector<Event> placed;
    if (const auto order = stage_.commits.order_due(out.facts, engine.state())) {
      placed.push_back(*order);
    } else {
      for (const AtomIndex atom : place->atoms) {
        if (!engine.may_start(atom)) defect("offered, but may not start: " + plan_->name(atom));
        placed.emplace_back(engine::Placed{atom, Incarnation(Uuid{{1}}), "worker"});
      }
    }
    engine.step(now_, placed, out);
  }
}

void PlainHost::obey(const Engine& engine, const engine::Command& command) {
  if (const auto* sent = std::get_if<engine::Send>(&command)) send(engine, sent->atom);
  if (const auto* timer = std::get_if<engine::SetTimer>(&command))
    timers_[timer->timer] = now_ + timer->after;
  if (const auto* timer = std::get_if<engine::CancelTimer>(&command)) timers_.erase(timer->timer);
  const auto* end = std::get_if<engine::CancelDelivery>(&command);  // whoever is to speak yet does so
  if (end && silent_.erase(end->atom) > 0)
    said_.emplace_back(engine::DeliveryClosed{end->atom, end->dispatch, false});
}

/// What happens next; nothing: the flow stands still. Time passes only when nothing else can happen.
std::vector<Event> PlainHost::next_events() {
  if (!said_.empty()) return std::exchange(said_, {});
  if (workers_->out() > 0) return workers_->await();
  if (timers_.empty()) return {};
  const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto next = std::min_element(timers_.begin(), timers_.end(), sooner);
  now_ = std::max(now_, next->second);
  return {engine::TimerFired{timers_.extract(next).key()}};
}

void PlainHost::forget() {
  workers_->forget();
  silent_.clear();
  said_.clear();
  timers_.clear();
}

void PlainHost::send(const Engine& engine, AtomIndex atom) {
  const engine::Request request = engine.request(atom);
  auto turn = stage_.call(request);
  ++stage_.deeds.messages;
  if (turn.silent) {
    silent_.insert(atom);
    said_.emplace_back(engine::DeliveryStarted{atom, request.dispatch});
    return;
  }
  workers_->begin({{atom, request.intention, request.attempt, request.dispatch, std::move(turn.outcome)},
                   turn.slow_seconds});
}

std::map<std::string, AtomRecord> PlainHost::stored_atoms() const {
  std::map<std::string, AtomRecord> atoms;
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    atoms[plan_->name(atom)] = stage_.commits.store().atoms[atom];
  return atoms;
}

}  // namespace

std::unique_ptr<EngineHost> serial_host(Stage& stage, std::uint64_t seed) {
  return std::make_unique<PlainHost>(stage, serial_workers(seed));
}

std::unique_ptr<EngineHost> threads_host(Stage& stage, std::uint64_t seed) {
  return std::make_unique<PlainHost>(stage, thread_workers(seed));
}

std::unique_ptr<EngineHost> processes_host(Stage& stage, std::uint64_t seed) {
  return std::make_unique<PlainHost>(stage, process_workers(seed));
}

}  // namespace baton::conformance
