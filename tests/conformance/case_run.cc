#include "tests/conformance/case_run.h"

#include <algorithm>

#include "tests/conformance/reset_order.h"

namespace baton::conformance {
namespace {

using engine::Engine;
using engine::Event;
using engine::StepOutput;

constexpr std::string_view kAnswered = "answered ";  // the note of a retry's answer
constexpr std::uint32_t kNoBound = 1'000'000'000;    // the most that a flow may say
constexpr std::string_view kAgain = "again after a restore";

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

bool is_call(const AtomFact& fact) {
  const bool runs = fact.after.state == AtomState::Running || fact.after.state == AtomState::Reverting;
  return runs && (fact.from != fact.after.state || fact.note == kAgain);
}

Intention call_of(const AtomFact& fact) {
  return fact.after.state == AtomState::Running ? Intention::Execute : Intention::Revert;
}

bool same(const AtomRecord& a, const AtomRecord& b) {
  const bool deliveries = a.delivery.has_value() == b.delivery.has_value() &&
                          (!a.delivery || (a.delivery->worker == b.delivery->worker &&
                                           a.delivery->deliveries == b.delivery->deliveries));
  const bool histories =
      (a.history ? to_value(*a.history) : Value()) == (b.history ? to_value(*b.history) : Value());
  return a.state == b.state && a.intention == b.intention && a.attempt == b.attempt &&
         a.dispatch == b.dispatch && deliveries && a.result == b.result && a.failure == b.failure &&
         a.revert_result == b.revert_result && a.revert_failure == b.revert_failure && histories &&
         a.seq == b.seq;
}

}  // namespace

CaseRun::CaseRun(const Case& one, Workers& workers, Deeds& deeds)
    : case_(one), workers_(workers), deeds_(deeds), crashes_(one.crashes), suspends_(one.suspends) {}

Observed CaseRun::run() {
  compile();
  if (seen_.error) return std::move(seen_);
  for (std::size_t runs = 0; runs < case_.runs;) {
    if (live() == End::Crashed) {
      seen_.run_states.push_back("CRASH");
      continue;
    }
    crashes_.clear();
    seen_.run_states.emplace_back(to_string(store_.state));
    if (store_.state != FlowState::Suspended) {
      suspends_.clear();
      ++runs;
      continue;
    }
    auto& states = seen_.suspended.emplace_back();
    for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
      if (store_.atoms[atom].state != AtomState::Pending)
        states[plan_->name(atom)] = to_string(store_.atoms[atom].state);
  }
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) seen_.atoms[plan_->name(atom)] = store_.atoms[atom];
  return std::move(seen_);
}

void CaseRun::compile() {
  auto flow = engine::read_flow(case_.flow);
  if (!flow) {
    seen_.error = flow.error();
    return;
  }
  auto plan = engine::compile(without_delivery_bound(*std::move(flow)), case_.store);
  if (!plan) {
    seen_.error = plan.error();
    return;
  }
  auto stored = engine::decode(engine::encode(**plan));  // the engines run what a store gives back
  if (!stored) {
    seen_.error = stored.error();
    return;
  }
  plan_ = *std::move(stored);
  store_.atoms.resize(plan_->size());
}

CaseRun::End CaseRun::live() {
  const auto first = [](const std::vector<Point>& points) {
    return points.empty() ? std::nullopt : std::optional(points.front());
  };
  crash_.emplace(*plan_, first(crashes_));
  suspend_.emplace(*plan_, crashes_.empty() ? first(suspends_) : std::nullopt);
  suspend_now_ = false;
  shadow_ = store_;
  engine::Options options = case_.options;
  options.before_retry = [this](AtomIndex atom, Intention call) { return before_retry(atom, call); };
  auto made = Engine::make(plan_, options, store_.state, store_.atoms, store_.last_seq);
  if (!made) {
    seen_.defects.push_back(made.error().message);
    return End::Over;
  }
  Engine& engine = **made;
  std::vector<Event> events{engine::Started{}};
  if (store_.state == FlowState::Suspended || store_.state == FlowState::Suspending)
    events.emplace_back(engine::ResumeAsked{"the runner", ""});
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)  // a crash ends the workers too, and that is known
    if (store_.atoms[atom].delivery)
      events.emplace_back(engine::DeliveryLost{atom, store_.atoms[atom].dispatch, "crash"});
  for (;;) {
    if (commit(engine, std::move(events))) {
      workers_.forget();
      crashes_.erase(crashes_.begin());
      ++deeds_.crashes;
      return End::Crashed;
    }
    if (engine.finished()) return End::Over;
    if (workers_.out() == 0) {
      seen_.defects.push_back("the flow stands still in " + std::string(to_string(engine.state())));
      return End::Over;
    }
    events = workers_.await();
  }
}

bool CaseRun::commit(Engine& engine, std::vector<Event> events) {
  StepOutput out;
  watched_ = 0;
  engine.step(TimePoint{}, events, out);
  answer_places(engine, out);
  ++deeds_.commits;
  deeds_.facts += out.facts.size();
  const std::vector<Fact> facts = in_taskflow_order(*plan_, out.facts);
  if (const auto kept = store_.commit(facts, *crash_)) {
    keep_answers(*kept);
    take_back_calls(facts, *kept);
    return true;
  }
  keep_answers(out.facts);
  check_store(engine);
  for (const engine::Command& command : out.commands)
    if (const auto* sent = std::get_if<engine::Send>(&command)) send(engine, sent->atom);
  return false;
}

/// Placement is chosen before the commit. A suspension that is due comes in its place.
void CaseRun::answer_places(Engine& engine, StepOutput& out) {
  for (std::size_t next = 0; next < out.commands.size(); ++next) {
    const auto* place = std::get_if<engine::Place>(&out.commands[next]);
    if (!place) continue;
    std::vector<Event> placed;
    watch_for_suspend(out.facts);
    if (suspend_now_ && engine.state() == FlowState::Running) {
      suspends_.erase(suspends_.begin());
      suspend_now_ = false;
      ++deeds_.suspends;
      placed.emplace_back(engine::SuspendAsked{"the runner", case_.id});
    } else {
      for (const AtomIndex atom : place->atoms) {
        if (!engine.may_start(atom))
          seen_.defects.push_back("offered, but may not start: " + plan_->name(atom));
        placed.emplace_back(engine::Placed{atom, Incarnation(Uuid{{1}}), "worker"});
      }
    }
    engine.step(TimePoint{}, placed, out);
  }
  watch_for_suspend(out.facts);
}

void CaseRun::watch_for_suspend(const std::vector<Fact>& facts) {
  for (; watched_ < facts.size(); ++watched_) {
    const bool reached = each_entry(facts[watched_], shadow_.atoms, [&](AtomIndex atom, AtomState state) {
      return suspend_->entered(atom, state);
    });
    suspend_now_ = suspend_now_ || reached;
    shadow_.apply(facts[watched_]);
  }
}

void CaseRun::keep_answers(const std::vector<Fact>& kept) {
  for (const Fact& fact : kept) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom || !atom->note.starts_with(kAnswered)) continue;
    const std::string rest = atom->note.substr(kAnswered.size());
    seen_.asked[plan_->name(atom->atom)].push_back(rest.substr(0, rest.find(' ')));
  }
}

/// A retry's call counts iff its RUNNING or REVERTING was kept and is not the crash point itself.
void CaseRun::take_back_calls(const std::vector<Fact>& all, const std::vector<Fact>& kept) {
  for (std::size_t i = kept.size() - 1; i < all.size(); ++i) {
    const auto* atom = std::get_if<AtomFact>(&all[i].body);
    if (!atom || plan_->kind(atom->atom) != engine::AtomKind::Retry || !is_call(*atom)) continue;
    if (atom->note == kAgain && i + 1 == kept.size()) continue;  // no entry into a state: cannot be the point
    seen_.calls.take_back(plan_->name(atom->atom), call_of(*atom));
  }
}

/// What a restore would find is what the engine has.
void CaseRun::check_store(const Engine& engine) {
  if (store_.state != engine.state()) seen_.defects.push_back("stored and live flow state differ");
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    if (!same(store_.atoms[atom], engine.atom(atom)))
      seen_.defects.push_back("stored and live record differ: " + plan_->name(atom));
}

void CaseRun::send(const Engine& engine, AtomIndex atom) {
  const engine::Request request = engine.request(atom);
  const std::size_t nth = seen_.calls.begin(request.atom, request.intention);
  Call call;
  call.answer = {atom, request.intention, request.attempt, request.dispatch, outcome(request, nth)};
  if (request.intention == Intention::Execute) {
    call.slow_seconds = script_of(request.atom).slow_seconds;
    ++deeds_.executed;
  } else {
    LastRevert& last = seen_.last_reverts[request.atom];
    last.result = request.failure ? request.failure->to_value().tree() : request.result.tree();
    last.arguments = request.arguments.tree().as_object();
    ++deeds_.reverted;
  }
  deeds_.messages += 2;
  workers_.begin(std::move(call));
}

std::variant<Value, Failure> CaseRun::outcome(const engine::Request& request, std::size_t nth) const {
  const Script& script = script_of(request.atom);
  if (request.intention == Intention::Revert) {
    if (nth <= script.revert_fail_first)
      return Failure::make(kScriptedFailure, "revert " + std::to_string(nth));
    return Value();
  }
  if (nth <= script.fail_first) return Failure::make(kScriptedFailure, "execution " + std::to_string(nth));
  if (!script.result_seq.empty()) return script.result_seq[std::min(nth, script.result_seq.size()) - 1];
  return script.echo ? request.arguments : script.result;
}

std::optional<Failure> CaseRun::before_retry(AtomIndex atom, Intention call) {
  const std::string& name = plan_->name(atom);
  const std::size_t nth = seen_.calls.begin(name, call);
  const Script& script = script_of(name);
  const std::size_t failing = call == Intention::Execute ? script.fail_first : script.revert_fail_first;
  if (nth > failing) return std::nullopt;
  return Failure::make(kScriptedFailure, "call " + std::to_string(nth));
}

const Script& CaseRun::script_of(const std::string& atom) const {
  static const Script kNothing;
  const auto found = case_.script.find(atom);
  return found == case_.script.end() ? kNothing : found->second;
}

}  // namespace baton::conformance
