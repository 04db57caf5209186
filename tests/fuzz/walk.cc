#include "tests/fuzz/walk.h"

#include <cstdio>
#include <stdexcept>

#include "tests/fuzz/walk_trace.h"

namespace baton::fuzz {
namespace {

using engine::Event;
using engine::StepOutput;

constexpr std::size_t kStepsMax = 4000;
constexpr std::size_t kWildSteps = 600;  // then only successes: the flow must come to its end

[[noreturn]] void broken(const std::string& what) {
  throw std::logic_error(what);
}

Failure some_failure(Dice& dice) {
  static const std::vector<std::string> kTypes{"Boom", "Busy", "Full"};
  return Failure::make(dice.of(kTypes), "as the dice fell");
}

}  // namespace

Walk::Walk(engine::PlanPtr plan, engine::Options options, std::uint64_t seed, bool traced)
    : plan_(plan), options_(std::move(options)), dice_(seed), traced_(traced), rules_(plan) {
  failing_ = dice_.below(45);
  cutting_ = dice_.one_in(2) ? 5 + dice_.below(20) : 0;
  options_.user_retries = this;
  options_.seed = seed;
  store_ = std::make_unique<tests::StoredFlow>(plan_->size());
}

void Walk::run() {
  restore();
  for (; run_ <= 2; ++run_) {
    while (!is_final(engine_->state())) {
      if (++steps_ > kStepsMax) broken("the flow does not end");
      act();
    }
    if (!open().empty()) broken("the flow has ended and deliveries are open");
    rules_.ended(engine_->state(), kept_);
    cancelled_ = kept_ = false;
    rules_ = WalkRules(plan_);
    rules_.restored(store_->state(), store_->load());
    if (run_ == 1) restore();
  }
}

void Walk::restore(std::vector<Event> with) {
  auto made =
      engine::Engine::make(plan_, options_, store_->state(), store_->load(), store_->last_seq(), run_);
  if (!made) broken("cannot be restored: " + made.error().message);
  engine_ = std::move(made).value();
  if (traced_) std::puts("  restored");
  timers_.clear();
  waiting_.clear();
  with.insert(with.begin(), engine::Started{static_cast<std::uint32_t>(dice_.below(2))});
  if (cancelled_) with.emplace_back(engine::CancelAsked{"ann", "", kept_});  // an order in force
  step(std::move(with));
}

std::vector<AtomIndex> Walk::open() const {
  std::vector<AtomIndex> found;
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    if (engine_->atom(atom).delivery && !waiting_.contains(atom)) found.push_back(atom);
  return found;
}

/// One thing that the world does.
void Walk::act() {
  if (engine_->state() == FlowState::Suspended) {
    if (steps_ > kWildSteps) return cancel();  // a retry may ask for ever; a person has had enough
    if (dice_.one_in(4)) return restore();
    return step({engine::ResumeAsked{"ann", ""}});
  }
  if (!waiting_.empty() && dice_.one_in(2)) {
    const AtomIndex atom =
        *std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(dice_.below(waiting_.size())));
    waiting_.erase(atom);
    if (!engine_->may_start(atom)) return;
    return step({placed(atom)});
  }
  const auto out = open();
  if (out.empty()) return pass_time();
  const AtomIndex atom = dice_.of(out);
  const Dispatch dispatch = engine_->atom(atom).dispatch;
  if (steps_ > kWildSteps) return answer(atom);
  switch (dice_.below(30)) {
    case 0:
      return step({engine::DeliveryLost{atom, dispatch, "gone"}});
    case 1:
      return step({engine::HandedBack{atom, dispatch}});
    case 2:
      return step({engine::DeliveryStarted{atom, dispatch}});
    case 3:
      return restore();
    case 4:
      return step({engine::SuspendAsked{"ann", ""}});
    case 5:
      return step({engine::ResumeAsked{"ann", ""}});
    case 6:
      return step({engine::DeliveryClosed{atom, dispatch, dice_.one_in(2)}});
    case 7:
      return pass_time();
    case 8:
      return dice_.one_in(10) && !cancelled_ ? cancel() : answer(atom);
    default:
      return answer(atom);
  }
}

void Walk::cancel() {
  cancelled_ = true;
  kept_ = dice_.one_in(2);
  rules_.cancelled(kept_);
  step({engine::CancelAsked{"ann", "", kept_}});
}

void Walk::answer(AtomIndex atom) {
  const AtomRecord& record = engine_->atom(atom);
  const bool executes = record.state == AtomState::Running;
  engine::AtomFinished said{atom, executes ? Intention::Execute : Intention::Revert, record.attempt,
                            record.dispatch, Value::from_stored(R"([1, {"k": true}])")};
  const bool calm = steps_ > kWildSteps;
  if (!calm && dice_.below(100) < (executes ? failing_ : failing_ / 6)) said.outcome = some_failure(dice_);
  step({said});
}

/// Jumps to the next deadline, or by a little. Nothing out, nothing waiting and no deadline: it stands still.
void Walk::pass_time() {
  if (timers_.empty() && waiting_.empty() && open().empty()) broken("the flow stands still");
  now_ += Millis(1 + dice_.below(50));
  if (!timers_.empty() && dice_.one_in(2)) {
    for (const auto& [key, due] : timers_)
      if (due > now_ && dice_.one_in(2)) now_ = due;
  }
  std::vector<Event> fired;
  for (const auto& [key, due] : timers_)
    if (due <= now_) fired.emplace_back(engine::TimerFired{key});
  for (const Event& event : fired) timers_.erase(std::get<engine::TimerFired>(event).timer);
  if (fired.empty() && open().empty() && waiting_.empty()) now_ = timers_.begin()->second;
  step(std::move(fired));
}

engine::Placed Walk::placed(AtomIndex atom) {
  if (plan_->kind(atom) == engine::AtomKind::Retry) return {atom, {}, {}};
  ++placed_;
  Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(placed_ % 7 + 1);
  return {atom, Incarnation(id), "w"};
}

void Walk::step(std::vector<Event> events) {
  StepOutput out;
  engine_->step(now_, events, out);
  answer_places(out);
  if (cutting_ > 0 && steps_ < kWildSteps && out.facts.size() > 1 && dice_.one_in(cutting_)) {
    ++cuts_;
    out.facts.resize(1 +
                     dice_.below(out.facts.size() - 1));  // a worse store than ours: it keeps half a commit
    if (traced_) print_facts(*plan_, out.facts), std::puts("  the rest is lost");
    keep(out.facts);
    rules_.restored(store_->state(), store_->load());
    return restore();
  }
  if (traced_) print_facts(*plan_, out.facts);
  rules_.see(out.facts);
  keep(out.facts);
  check_store();
  obey(out.commands);
}

void Walk::answer_places(StepOutput& out) {
  for (std::size_t next = 0; next < out.commands.size(); ++next) {
    const auto* place = std::get_if<engine::Place>(&out.commands[next]);
    if (!place) continue;
    rules_.see(*place);
    std::vector<Event> chosen;
    for (const AtomIndex atom : place->atoms) {
      if (!engine_->may_start(atom)) broken("'" + plan_->name(atom) + "' is offered and may not start");
      if (plan_->kind(atom) == engine::AtomKind::Task && dice_.one_in(6))
        waiting_.insert(atom);
      else
        chosen.emplace_back(placed(atom));
    }
    engine_->step(now_, chosen, out);
  }
}

void Walk::keep(const std::vector<Fact>& facts) {
  std::uint64_t seq = store_->last_seq();
  for (const Fact& fact : facts)
    if (fact.seq != ++seq) broken("facts are not numbered in their order");
  store_->append(facts);
}

void Walk::check_store() const {
  const auto stored = store_->load();
  if (store_->state() != engine_->state()) broken("stored and live state of the flow differ");
  for (AtomIndex atom = 0; atom < stored.size(); ++atom)
    if (!tests::same_record(stored[atom], engine_->atom(atom)))
      broken("stored and live record of '" + plan_->name(atom) + "' differ");
}

void Walk::obey(const std::vector<engine::Command>& commands) {
  for (const engine::Command& command : commands) {
    if (const auto* timer = std::get_if<engine::SetTimer>(&command))
      timers_[timer->timer] = now_ + timer->after;
    if (const auto* timer = std::get_if<engine::CancelTimer>(&command)) timers_.erase(timer->timer);
    if (const auto* send = std::get_if<engine::Send>(&command))
      rules_.see_send(engine_->request(send->atom), send->atom);
    if (const auto* end = std::get_if<engine::Finish>(&command); end && end->state != engine_->state())
      broken("the flow finishes in another state than it has");
  }
}

Result<Value, Failure> Walk::execute(const engine::RetryCall& call) const {
  if (steps_ < kWildSteps && dice_.one_in(12)) return Fail(some_failure(dice_));
  return Value::of_number(static_cast<std::int64_t>(call.history.size()));
}

Result<RetryAnswer, Failure> Walk::on_failure(const engine::RetryCall&, const std::string&,
                                              const Failure&) const {
  static const std::vector<RetryAnswer> kAnswers{RetryAnswer::Retry, RetryAnswer::Retry, RetryAnswer::Revert,
                                                 RetryAnswer::RevertAll, RetryAnswer::Suspend};
  if (dice_.one_in(10)) return Fail(some_failure(dice_));
  return dice_.of(kAnswers);
}

}  // namespace baton::fuzz
