#include <algorithm>
#include <set>

#include "tests/simulation/replay.h"
#include "tests/simulation/verdict.h"
#include "tests/simulation/words.h"

/// P2: an atom's outcome is recorded once per attempt, it is what a worker said of that delivery, and no
/// dependent starts before its providers are recorded. P3: the same of joins, with every value they gather.
namespace baton::simulation {
namespace {

using Call = std::tuple<FlowId, std::string, Intention, Attempt>;

class Outcomes {
 public:
  Outcomes(const World& world, Verdict& verdict) : world_(world), verdict_(verdict) {
    for (const Execution& execution : world.evidence.executions)
      executions_[call_of(execution.delivery)].push_back(&execution);
    for (const AcceptedStep& step : world.evidence.forgotten) used(step);
  }

  void see(const Replay&, const AcceptedStep&, const Fact&);
  void check_executions();

 private:
  void check_base(const AcceptedStep&, const Fact&);
  bool forgotten(const Execution& execution) const {
    return world_.database->forgot(execution.delivery) || world_.database->forgot_outcome(execution.delivery);
  }
  void used(const AcceptedStep& forgotten);
  bool was_used(const AcceptedStep&, const AtomFact&) const;
  static Call call_of(const wire::DeliveryId& id) { return {id.flow, id.atom, id.intention, id.attempt}; }
  void say(const Replay&, AtomIndex, const AcceptedStep&, const std::string& what);
  void begins(const Replay&, const AcceptedStep&, const AtomFact&);
  void delivers(const Replay&, const AcceptedStep&, const AtomFact&);
  void ends(const Replay&, const AcceptedStep&, const AtomFact&);
  bool was_said(const AcceptedStep&, const Replay&, const AtomFact&) const;
  void gather(const Replay&, const AcceptedStep&, const AtomFact&);
  void check_arguments(const Execution&);
  bool left_with_it_recorded(const Execution&) const;
  void check_drained(const std::vector<const Execution*>&);

  struct Expected {
    bool join = false;
    std::vector<std::pair<std::string, std::string>> values;  // symbol, what its provider has on record
  };
  const World& world_;
  Verdict& verdict_;
  std::map<Call, std::vector<const Execution*>> executions_;
  std::map<Call, std::uint32_t> deliveries_;  // charged
  std::map<Call, Expected> expected_;
  std::set<std::tuple<FlowId, AtomIndex, Attempt>> outcomes_;
  std::map<std::pair<FlowId, AtomIndex>, Dispatch> dispatches_;
  std::map<std::tuple<FlowId, AtomIndex, Dispatch>, Micros> delivered_;  // when it was recorded first
  std::map<FlowId, std::uint64_t> last_seq_;
  /// Dispatch numbers that are not on record any more, with the number of their step.
  std::map<std::pair<FlowId, AtomIndex>, std::vector<std::pair<std::uint64_t, Dispatch>>> forgotten_;
};

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

bool passes(const AtomRecord& atom) {
  return (atom.state == AtomState::Success || atom.state == AtomState::Ignore) &&
         (atom.intention == Intention::Execute || atom.intention == Intention::Ignore);
}

void Outcomes::say(const Replay& replay, AtomIndex atom, const AcceptedStep& step, const std::string& what) {
  verdict_.broken(replay.is_join(atom) ? Promise::P3 : Promise::P2,
                  step.job.value + ": " + replay.plan().name(atom) + " " + what);
}

void Outcomes::see(const Replay& replay, const AcceptedStep& step, const Fact& fact) {
  check_base(step, fact);
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  if (!atom) return;
  const AtomRecord& was = replay.atom(atom->atom);
  if (was.state != atom->from || was.attempt != atom->from_attempt || was.dispatch != atom->from_dispatch)
    say(replay, atom->atom, step, "was written over a state that was never read");
  if (atom->after.state == AtomState::Running && was.state != AtomState::Running) begins(replay, step, *atom);
  const bool anew = atom->after.delivery && (atom->after.state != was.state || !was.delivery ||
                                             was.delivery->worker != atom->after.delivery->worker);
  if (atom->after.dispatch != was.dispatch || anew) delivers(replay, step, *atom);
  const bool ended = was.state == AtomState::Running &&
                     (atom->after.state == AtomState::Success || atom->after.state == AtomState::Failure);
  if (ended) ends(replay, step, *atom);
}

/// A flow's facts are counted: a step that does not go on where the record ends was made from an older one.
void Outcomes::check_base(const AcceptedStep& step, const Fact& fact) {
  std::uint64_t& last = last_seq_[step.flow];
  if (fact.seq != last + 1)
    verdict_.broken(Promise::P2, step.job.value + ": " + step.by + " records fact " +
                                     std::to_string(fact.seq) + " behind fact " + std::to_string(last) +
                                     ", in a step from a state that was never read");
  last = fact.seq;
}

void Outcomes::begins(const Replay& replay, const AcceptedStep& step, const AtomFact& fact) {
  if (fact.after.attempt <= replay.atom(fact.atom).attempt)
    say(replay, fact.atom, step, "runs under an attempt number that it had before");
  for (const AtomIndex each : replay.before(fact.atom))
    if (!passes(replay.atom(each)))
      say(replay, fact.atom, step,
          "runs though " + replay.plan().name(each) + " before it is " +
              std::string(to_string(replay.atom(each).state)));
  gather(replay, step, fact);
}

void Outcomes::gather(const Replay& replay, const AcceptedStep& step, const AtomFact& fact) {
  if (!replay.is_task(fact.atom)) return;
  Expected& expected =
      expected_[{step.flow, replay.plan().name(fact.atom), Intention::Execute, fact.after.attempt}];
  expected.join = replay.is_join(fact.atom);
  for (const auto& symbol : replay.plan().task(fact.atom).requirements) {
    const AtomIndex provider = replay.plan().find(symbol.substr(2));  // "v-<atom>"
    expected.values.emplace_back(symbol, std::string(replay.atom(provider).result.json()));
  }
}

void Outcomes::delivers(const Replay& replay, const AcceptedStep& step, const AtomFact& fact) {
  Dispatch& highest = dispatches_[{step.flow, fact.atom}];
  if (fact.after.dispatch <= highest || was_used(step, fact))
    say(replay, fact.atom, step, "got a dispatch number that was used");
  highest = std::max(highest, fact.after.dispatch);
  delivered_.try_emplace({step.flow, fact.atom, fact.after.dispatch}, step.at);
  if (!runs(fact.after.state) || !fact.after.delivery) return;
  const auto intention = fact.after.state == AtomState::Running ? Intention::Execute : Intention::Revert;
  auto& charged = deliveries_[{step.flow, replay.plan().name(fact.atom), intention, fact.after.attempt}];
  charged = std::max(charged, fact.after.delivery->deliveries);
}

void Outcomes::ends(const Replay& replay, const AcceptedStep& step, const AtomFact& fact) {
  if (!outcomes_.insert({step.flow, fact.atom, fact.after.attempt}).second)
    say(replay, fact.atom, step, "has two outcomes in one attempt");
  if (replay.is_task(fact.atom) && !was_said(step, replay, fact))
    say(replay, fact.atom, step,
        "ended " + std::string(to_string(fact.after.state)) +
            (fact.after.failure ? " of " + fact.after.failure->type : "") +
            ", which nobody has said of its delivery");
}

void Outcomes::used(const AcceptedStep& forgotten) {
  for (const Fact& fact : forgotten.facts)
    if (const auto* atom = std::get_if<AtomFact>(&fact.body))
      forgotten_[{forgotten.flow, atom->atom}].emplace_back(forgotten.number, atom->after.dispatch);
}

/// Before the database forgot it.
bool Outcomes::was_used(const AcceptedStep& step, const AtomFact& fact) const {
  const auto used = forgotten_.find({step.flow, fact.atom});
  return used != forgotten_.end() &&
         std::any_of(used->second.begin(), used->second.end(), [&](const auto& one) {
           return one.first < step.number && fact.after.dispatch <= one.second;
         });
}

/// By the worker that the delivery was recorded to be at; it may run what it was asked for under a lower
/// number. What nobody says is the conductor's own judgement.
bool Outcomes::was_said(const AcceptedStep& step, const Replay& replay, const AtomFact& fact) const {
  const bool failed = fact.after.state == AtomState::Failure;
  static const std::set<std::string, std::less<>> kJudged{
      std::string(failure_type::kWorkerLost), std::string(failure_type::kTimedOut),
      std::string(failure_type::kCancelled), std::string(failure_type::kMissingSymbol)};
  if (failed && kJudged.contains(fact.after.failure->type)) return true;
  const auto& delivery = replay.atom(fact.atom).delivery;
  if (!delivery) return false;
  const auto found =
      executions_.find({step.flow, replay.plan().name(fact.atom), Intention::Execute, fact.after.attempt});
  if (found == executions_.end()) return false;
  for (const Execution* execution : found->second) {
    if (execution->worker != delivery->worker || !execution->ended || *execution->ended > step.at) continue;
    const auto* value = std::get_if<Value>(&execution->outcome);
    const auto* failure = std::get_if<Failure>(&execution->outcome);
    if (failed ? failure && failure->type == fact.after.failure->type : value && *value == fact.after.result)
      return true;
  }
  return false;
}

// ---- what ran

void Outcomes::check_executions() {
  for (const Execution& execution : world_.evidence.executions) {
    if (!execution.was_recorded)
      verdict_.broken(Promise::P2, execution.by + " started " + execution.job + " " +
                                       words(execution.delivery) + " before it was recorded");
    if (execution.delivery.intention == Intention::Execute && !world_.database->forgot(execution.delivery))
      check_arguments(execution);
  }
  for (const auto& [call, list] : executions_) {
    check_drained(list);
    std::size_t counted = 0;
    for (const Execution* execution : list) {
      const auto* failure = std::get_if<Failure>(&execution->outcome);
      counted += !(failure && failure->type == "StaleToken") && !forgotten(*execution);
    }
    const auto charged = deliveries_.find(call);
    if (charged != deliveries_.end() && counted > charged->second)
      verdict_.broken(Promise::P2, list.front()->job + ": " + words(list.front()->delivery) +
                                       " was executed " + std::to_string(counted) + " times in " +
                                       std::to_string(charged->second) + " deliveries");
  }
}

/// Its worker ended in order: it had been told that the outcome is recorded. Unless that was another's word
/// by then: its session had ended since the delivery was recorded, be it before it began, or it had been
/// silent for the atom's heartbeat.
bool Outcomes::left_with_it_recorded(const Execution& execution) const {
  const auto& evidence = world_.evidence;
  if (!execution.ended || !evidence.left.contains(execution.worker) || forgotten(execution)) return false;
  const Micros left = evidence.left.at(execution.worker);
  const wire::DeliveryId& id = execution.delivery;
  const engine::Plan& plan = *evidence.plans.at(id.flow);
  const AtomIndex atom = plan.find(id.atom);
  const auto delivered = delivered_.find({id.flow, atom, id.dispatch});
  const Micros since = delivered == delivered_.end() ? execution.began : delivered->second;
  const bool listed = !evidence.was_gone(execution.worker, since, left - Micros{1});
  if (!listed || plan.task(atom).timeouts.or_default().heartbeat) return false;
  const auto* failure = std::get_if<Failure>(&execution.outcome);
  return !failure || (failure->type != failure_type::kCancelled && failure->type != "StaleToken");
}

/// A worker that is told to stop causes no second execution.
void Outcomes::check_drained(const std::vector<const Execution*>& list) {
  for (const Execution* one : list)
    for (const Execution* again : list)
      if (left_with_it_recorded(*one) && again->began > *one->ended)
        verdict_.broken(Promise::P2, one->job + ": " + words(one->delivery) + " was executed again by " +
                                         again->by + " though " + one->by +
                                         " had ended it and left in order");
}

void Outcomes::check_arguments(const Execution& execution) {
  const auto found = expected_.find(call_of(execution.delivery));
  if (found == expected_.end()) return;  // told as not recorded
  const auto given = execution.arguments.tree();
  for (const auto& [symbol, value] : found->second.values) {
    const auto* has = given.is_object() ? given.get_object().if_contains(symbol) : nullptr;
    if (has && *has == Value::from_stored(value).tree()) continue;
    verdict_.broken(found->second.join ? Promise::P3 : Promise::P2,
                    execution.job + ": " + words(execution.delivery) + " was given another " + symbol +
                        " than is on record");
  }
}

}  // namespace

void check_outcomes(const World& world, Verdict& verdict) {
  Outcomes outcomes(world, verdict);
  replay_all(
      world,
      [&](const Replay& replay, const AcceptedStep& step, const Fact& fact) {
        outcomes.see(replay, step, fact);
      },
      [](const Replay&, const FlowId&) {});
  outcomes.check_executions();
}

}  // namespace baton::simulation
