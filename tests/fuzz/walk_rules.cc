#include "tests/fuzz/walk_rules.h"

#include <stdexcept>

#include "engine/moves.h"
#include "engine/undispatched.h"

namespace baton::fuzz {
namespace {

using engine::AtomKind;

bool passes(const AtomRecord& atom) {
  return atom.state == AtomState::Success || atom.state == AtomState::Ignore;
}

bool is_range_of_one(const AtomFact& fact) {
  return fact.after.state == AtomState::Pending || fact.after.state == AtomState::Ignore;
}

}  // namespace

WalkRules::WalkRules(engine::PlanPtr plan)
    : plan_(std::move(plan)),
      before_(plan_->size()),
      behind_(plan_->size()),
      atoms_(plan_->size()),
      sent_(plan_->size(), 0) {
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) {
    std::set<AtomIndex> all;
    std::vector<AtomIndex> open{atom};
    while (!open.empty()) {
      const AtomIndex at = open.back();
      open.pop_back();
      for (const AtomIndex each : plan_->predecessors(at))
        if (all.insert(each).second) open.push_back(each);
    }
    before_[atom].assign(all.begin(), all.end());
    for (const AtomIndex each : all) behind_[each].push_back(atom);
  }
}

void WalkRules::need(bool holds, AtomIndex atom, const std::string& what) const {
  if (!holds) throw std::logic_error("'" + plan_->name(atom) + "' " + what);
}

void WalkRules::see(const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) std::visit([this](const auto& each) { see(each); }, fact.body);
}

void WalkRules::see(const AtomFact& fact) {
  AtomRecord& now = atoms_[fact.atom];
  need(now.state == fact.from && now.attempt == fact.from_attempt && now.dispatch == fact.from_dispatch,
       fact.atom, "does not start from what it was");
  const AtomState from = fact.from, to = fact.after.state;
  need(engine::may_move(plan_->kind(fact.atom), from, to), fact.atom,
       "went from " + std::string(to_string(from)) + " to " + std::string(to_string(to)));
  if (to == AtomState::Running && from != to) check_execution(fact.atom);
  if (to == AtomState::Reverting && from != to) check_revert(fact);
  if (from == AtomState::Failure && to == AtomState::Reverted)
    need(engine::never_dispatched(*now.failure), fact.atom, "counts as reverted, and it has run");
  check_intention(fact.atom, fact.after.intention);
  const bool begins = to == AtomState::Running && from != to;
  need(fact.after.attempt == now.attempt + (begins ? 1 : 0), fact.atom, "counts its attempts wrong");
  need(fact.after.delivery.has_value() == false || to == AtomState::Running || to == AtomState::Reverting,
       fact.atom, "has a delivery and is " + std::string(to_string(to)));
  if (from != to && !is_range_of_one(fact) && to != AtomState::Retrying)
    need(now.intention == fact.after.intention, fact.atom, "changed state and intention at once");
  now = fact.after;
}

/// Nothing runs before what it needs, and nothing new once the flow is cancelled.
void WalkRules::check_execution(AtomIndex atom) const {
  need(!cancelled_, atom, "starts in a cancelled flow");
  need(flow_ == FlowState::Running, atom, "starts while the flow is " + std::string(to_string(flow_)));
  for (const AtomIndex before : before_[atom])
    need(passes(atoms_[before]), atom,
         "runs, and '" + plan_->name(before) + "' before it is " +
             std::string(to_string(atoms_[before].state)));
}

/// What a cancel keeps stays as it is; a rollback that was under way goes on.
void WalkRules::check_intention(AtomIndex atom, Intention next) const {
  need(!kept_ || next != Intention::Revert || atoms_[atom].intention != Intention::Execute, atom,
       "is to be reverted in a flow that was cancelled with keep");
}

/// Not before what depends on it has been reverted. (Once an execution: there is no move back from REVERTED
/// but a reset.)
void WalkRules::check_revert(const AtomFact& fact) const {
  need(fact.after.intention == Intention::Revert, fact.atom, "is reverted and nobody wants it");
  for (const AtomIndex behind : behind_[fact.atom]) {
    const AtomState state = atoms_[behind].state;
    const bool forgiven = state == AtomState::RevertFailure && plan_->kind(behind) == AtomKind::Task &&
                          plan_->task(behind).on_revert_failure == engine::OnRevertFailure::Continue;
    need(
        forgiven || state == AtomState::Pending || state == AtomState::Reverted || state == AtomState::Ignore,
        fact.atom,
        "is reverted, and '" + plan_->name(behind) + "' behind it is " + std::string(to_string(state)));
  }
}

void WalkRules::see(const RangeFact& range) {
  for (AtomIndex atom = range.first; atom < range.first + range.count; ++atom) {
    AtomRecord& now = atoms_[atom];
    check_intention(atom, range.intention);
    if (range.reset) {
      need(now.state != AtomState::Running && now.state != AtomState::Reverting, atom,
           "is reset while it runs");
      now.state = AtomState::Pending;
      now.delivery.reset();
    }
    if (range.intention == Intention::Ignore) {
      need(now.state == AtomState::Pending || now.state == AtomState::Ignore, atom,
           "is ignored and is " + std::string(to_string(now.state)));
      now.state = AtomState::Ignore;
    }
    now.intention = range.intention;
  }
}

void WalkRules::see(const FlowFact& fact) {
  if (fact.from != flow_ || !engine::may_move(fact.from, fact.state))
    throw std::logic_error("the flow went from " + std::string(to_string(flow_)) + " by a fact from " +
                           std::string(to_string(fact.from)) + " to " + std::string(to_string(fact.state)));
  flow_ = fact.state;
}

/// Higher priority first, then as the flow defines them.
void WalkRules::see(const engine::Place& place) {
  const auto priority = [&](AtomIndex atom) {
    return plan_->kind(atom) == AtomKind::Task ? plan_->task(atom).priority : 0;
  };
  for (std::size_t i = 1; i < place.atoms.size(); ++i) {
    const AtomIndex a = place.atoms[i - 1], b = place.atoms[i];
    need(priority(a) > priority(b) || (priority(a) == priority(b) && a < b), b,
         "is offered out of its order");
  }
}

/// A dispatch is used for one delivery only; copies of it are the same request.
void WalkRules::see_send(const engine::Request& request, AtomIndex atom) {
  need(request.dispatch >= sent_[atom], atom, "is sent with a lower dispatch than before");
  need(request.dispatch == atoms_[atom].dispatch && request.attempt == atoms_[atom].attempt, atom,
       "is sent with numbers that are not on record");
  sent_[atom] = request.dispatch;
}

void WalkRules::restored(FlowState flow, const std::vector<AtomRecord>& atoms) {
  flow_ = flow;
  atoms_ = atoms;
}

/// What the flow's final state promises of its atoms.
void WalkRules::ended(FlowState state, bool kept) const {
  for (AtomIndex atom = 0; atom < atoms_.size(); ++atom) {
    const AtomRecord& end = atoms_[atom];
    const auto is = "is " + std::string(to_string(end.state)) + " at the end, and the flow is " +
                    std::string(to_string(state));
    need(end.state != AtomState::Running && end.state != AtomState::Reverting &&
             end.state != AtomState::Retrying,
         atom, is);
    if (state == FlowState::Success) need(passes(end), atom, is);
    if (state == FlowState::Reverted || (state == FlowState::Cancelled && !kept)) {
      const bool to_revert = end.state == AtomState::Success && end.intention == Intention::Revert;
      need(end.state != AtomState::Failure && end.state != AtomState::RevertFailure && !to_revert, atom, is);
    }
  }
}

}  // namespace baton::fuzz
