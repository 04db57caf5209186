#include "tests/conformance/commit_watch.h"

#include "tests/conformance/reset_order.h"

namespace baton::conformance {
namespace {

constexpr std::string_view kAnswered = "answered ";  // the note of a retry's answer
constexpr std::string_view kAgain = "again after a restore";

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

bool is_outcome(const AtomFact& fact) {
  const bool ran = fact.from == AtomState::Running || fact.from == AtomState::Reverting;
  return ran && fact.after.state != AtomState::Running && fact.after.state != AtomState::Reverting;
}

std::optional<Point> first(const std::vector<Point>& points) {
  return points.empty() ? std::nullopt : std::optional(points.front());
}

}  // namespace

CommitWatch::CommitWatch(const Case& one, Observed& seen, Deeds& deeds)
    : case_(one), seen_(seen), deeds_(deeds), crashes_(one.crashes), suspends_(one.suspends) {
  if (one.cancel) suspends_.push_back(one.cancel->at);
}

void CommitWatch::begin_life(const engine::Plan& plan) {
  plan_ = &plan;
  store_.atoms.resize(plan.size());
  crash_.emplace(plan, first(crashes_));
  suspend_.emplace(plan, crashes_.empty() ? first(suspends_) : std::nullopt);
  crashed_ = suspend_due_ = false;
  shadow_ = store_;
  watched_ = 0;
}

void CommitWatch::end_life() {
  plan_ = nullptr;
  if (crashed_) {
    crashes_.erase(crashes_.begin());
  } else if (crashes_.empty() && !suspends_.empty()) {
    suspends_.erase(suspends_.begin());
  }
}

std::optional<engine::Event> CommitWatch::order_due(const std::vector<Fact>& step_so_far, FlowState live) {
  look_for_suspend(step_so_far);
  if (!suspend_due_ || live != FlowState::Running) return std::nullopt;
  suspend_due_ = false;
  if (case_.cancel) return engine::CancelAsked{"the runner", case_.id, case_.cancel->keep};
  ++deeds_.suspends;
  return engine::SuspendAsked{"the runner", case_.id};
}

void CommitWatch::look_for_suspend(const std::vector<Fact>& facts) {
  for (; watched_ < facts.size(); ++watched_) {
    const bool reached = each_entry(facts[watched_], shadow_.atoms, [&](AtomIndex atom, AtomState state) {
      return suspend_->entered(atom, state);
    });
    // In the reset of a rerun the flow does not run yet: a suspension is not heard (semantics.md 3).
    suspend_due_ = suspend_due_ || (reached && shadow_.state == FlowState::Running);
    shadow_.apply(facts[watched_]);
  }
}

std::vector<Fact> CommitWatch::commit(const std::vector<Fact>& facts) {
  look_for_suspend(facts);
  watched_ = 0;
  const std::vector<Fact> ordered = in_taskflow_order(*plan_, facts);
  const auto cut = store_.commit(ordered, *crash_);
  crashed_ = cut.has_value();
  const std::vector<Fact>& kept = cut ? *cut : facts;
  ++deeds_.commits;
  deeds_.facts += kept.size();
  deeds_.crashes += crashed_;
  keep_answers(kept);
  if (cut) find_calls(*cut), take_back_calls(ordered, *cut);
  return kept;
}

void CommitWatch::keep_answers(const std::vector<Fact>& kept) {
  for (const Fact& fact : kept) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom || !atom->note.starts_with(kAnswered)) continue;
    const std::string rest = atom->note.substr(kAnswered.size());
    seen_.asked[plan_->name(atom->atom)].push_back(rest.substr(0, rest.find(' ')));
  }
}

/// Rounds end with starts and begin with outcomes.
void CommitWatch::find_calls(const std::vector<Fact>& kept) {
  called_before_crash_.clear();
  std::vector<AtomIndex> round;
  for (const Fact& fact : kept) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom) continue;
    if (is_outcome(*atom)) {
      called_before_crash_.insert(called_before_crash_.end(), round.begin(), round.end());
      round.clear();
    }
    if (atom->after.delivery && atom->after.dispatch != atom->from_dispatch) round.push_back(atom->atom);
  }
}

/// A retry's call counts iff its RUNNING or REVERTING was kept and is not the crash POINT itself.
void CommitWatch::take_back_calls(const std::vector<Fact>& all, const std::vector<Fact>& kept) {
  for (std::size_t i = kept.size() - 1; i < all.size(); ++i) {
    const auto* atom = std::get_if<AtomFact>(&all[i].body);
    if (!atom || plan_->kind(atom->atom) != engine::AtomKind::Retry || !is_call(*atom)) continue;
    if (atom->note == kAgain && i + 1 == kept.size()) continue;  // no entry into a state: cannot be the POINT
    seen_.calls.take_back(plan_->name(atom->atom), call_of(*atom));
  }
}

void CommitWatch::compare(const std::string& what, FlowState state,
                          const std::function<const AtomRecord&(AtomIndex)>& record) {
  if (store_.state != state)
    seen_.defects.push_back("stored and " + what + " flow state differ: " +
                            std::string(to_string(store_.state)) + ", " + std::string(to_string(state)));
  for (AtomIndex atom = 0; atom < store_.atoms.size(); ++atom)
    if (!same(store_.atoms[atom], record(atom)))
      seen_.defects.push_back("stored and " + what + " record differ: " + plan_->name(atom));
}

}  // namespace baton::conformance
