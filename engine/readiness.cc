#include "engine/readiness.h"

#include <algorithm>

namespace baton::engine {

Readiness::Readiness(const PlanData& plan, const Intentions* marks)
    : plan_(plan), marks_(marks), nodes_(plan.node_count()), unblocked_(plan.atoms.size()) {
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    nodes_[node].waits_for = static_cast<std::uint32_t>(plan.predecessors.of(node).size());
    nodes_[node].passes = !plan.is_atom(node);
    nodes_[node].wish = plan.is_atom(node) ? Wish::Execute : Wish::Nothing;
  }
  spread_open(plan.start_of(0));
}

void Readiness::update(AtomIndex atom, AtomState state, Intention intention) {
  Standing standing = standing_of(state, intention);
  Wish wish = wish_of(plan_.atoms[atom].kind, state, intention);
  if (plan_.is_task(atom)) {
    const TaskSpec& task = plan_.tasks[plan_.atoms[atom].spec];
    // Rollback stops at what cannot be undone, and goes on behind a revert that may fail.
    if (state == AtomState::Success && task.irreversible) wish = Wish::Nothing;
    if (state == AtomState::RevertFailure && task.on_revert_failure == OnRevertFailure::Continue)
      standing.cleared = true;
  }
  nodes_[atom].passes = standing.passes;
  nodes_[atom].cleared = standing.cleared;
  if (nodes_[atom].wish != wish) nodes_[atom].wish = wish, nodes_[atom].offered = false;
  spread_open(atom);
  spread_clear(atom);
  refresh(atom);
}

void Readiness::spread_open(NodeIndex origin) {
  changed_.push_back(origin);
  while (!changed_.empty()) {
    const NodeIndex at = changed_.back();
    changed_.pop_back();
    Node& node = nodes_[at];
    const bool open = node.passes && node.waits_for == 0;
    if (open == node.open) continue;
    node.open = open;
    for (const NodeIndex behind : plan_.successors.of(at)) {
      Node& next = nodes_[behind];
      if (open ? --next.waits_for == 0 : next.waits_for++ == 0) {
        if (plan_.is_atom(behind)) open ? unblocked_.insert(behind) : unblocked_.erase(behind);
        refresh(behind);
        changed_.push_back(behind);
      }
    }
  }
}

void Readiness::spread_clear(NodeIndex origin) {
  changed_.push_back(origin);
  while (!changed_.empty()) {
    const NodeIndex at = changed_.back();
    changed_.pop_back();
    Node& node = nodes_[at];
    const bool clear = node.cleared && node.blocked_by == 0;
    if (clear == node.clear) continue;
    node.clear = clear;
    for (const NodeIndex before : plan_.predecessors.of(at)) {
      Node& next = nodes_[before];
      if (clear ? --next.blocked_by == 0 : next.blocked_by++ == 0) {
        refresh(before);
        changed_.push_back(before);
      }
    }
  }
}

void Readiness::marks_changed(AtomIndex first, AtomIndex count) {
  // An atom at rest that waits for others is looked at when it waits no more.
  unblocked_.each(first, first + count, [this](AtomIndex atom) {
    if (marks_->at_rest(atom)) refresh(atom);
  });
}

void Readiness::refresh(NodeIndex at) {
  Node& node = nodes_[at];
  if (marks_ && node.waits_for == 0 && plan_.is_atom(at) && marks_->at_rest(at))
    node.wish = wish_of(plan_.atoms[at].kind, AtomState::Pending, marks_->mark_of(at).intention);
  const std::uint32_t in_the_way = node.wish == Wish::Execute ? node.waits_for : node.blocked_by;
  const Wish ready = in_the_way == 0 ? node.wish : Wish::Nothing;
  if (ready == node.ready) return;
  const auto count = [this](Wish wish) -> std::size_t& {
    return wish == Wish::Execute ? ready_to_execute_ : ready_to_revert_;
  };
  if (node.ready != Wish::Nothing) --count(node.ready);
  if (ready != Wish::Nothing) ++count(ready);
  node.ready = ready;
  node.offered = false;
  if (ready != Wish::Nothing && !node.is_new) node.is_new = true, new_.push_back(at);
}

Wish Readiness::ready_for(AtomIndex atom) const {
  return nodes_[atom].ready;
}

std::vector<AtomIndex> Readiness::take_new() {
  std::vector<AtomIndex> taken;
  taken.swap(new_);
  for (const AtomIndex atom : taken) nodes_[atom].is_new = false;
  std::sort(taken.begin(), taken.end());
  return taken;
}

void Readiness::renew_all() {
  for (AtomIndex atom = 0; atom < plan_.atoms.size(); ++atom) {
    Node& node = nodes_[atom];
    node.offered = false;
    if (node.ready != Wish::Nothing && !node.is_new) node.is_new = true, new_.push_back(atom);
  }
}

}  // namespace baton::engine
