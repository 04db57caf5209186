#include "engine/intentions.h"

#include <algorithm>
#include <iterator>

#include "common/model/assert.h"

namespace baton::engine {

Intentions::Intentions(std::size_t atoms)
    : atoms_(static_cast<AtomIndex>(atoms)),
      ranges_{{0, Mark{}}},
      astir_(atoms),
      resting_(atoms),
      astir_with_{AtomSet(atoms), AtomSet(atoms), AtomSet(atoms), AtomSet(atoms)} {
  for (AtomIndex atom = 0; atom < atoms_; ++atom) resting_.insert(atom);
}

Intentions::Ranges::const_iterator Intentions::range_of(AtomIndex atom) const {
  return std::prev(ranges_.upper_bound(atom));
}

const Intentions::Mark& Intentions::mark_of(AtomIndex atom) const {
  BATON_ASSERT(at_rest(atom));
  return range_of(atom)->second;
}

/// The range that begins there, from now on or already; none behind the flow's last atom.
Intentions::Ranges::iterator Intentions::cut(AtomIndex at) {
  if (at == atoms_) return ranges_.end();
  const auto next = ranges_.upper_bound(at);
  const auto range = std::prev(next);
  return range->first == at ? range : ranges_.emplace_hint(next, at, range->second);
}

void Intentions::mark(AtomIndex first, AtomIndex count, Mark mark) {
  if (count == 0) return;
  BATON_ASSERT(first + std::size_t{count} <= atoms_);
  const auto begin = cut(first), end = cut(first + count);
  begin->second = mark;
  ranges_.erase(std::next(begin), end);
}

void Intentions::stir(AtomIndex atom, Intention intention) {
  if (at_rest(atom)) {
    resting_.erase(atom);
    astir_.insert(atom);
  } else {
    for (std::size_t other = 0; other < kKinds; ++other)
      if (other != kind(intention) && astir_with_[other].contains(atom)) astir_with_[other].erase(atom);
  }
  astir_with_[kind(intention)].insert(atom);
}

void Intentions::rest(AtomIndex atom) {
  if (at_rest(atom)) return;
  astir_.erase(atom);
  resting_.insert(atom);
  for (AtomSet& each : astir_with_)
    if (each.contains(atom)) each.erase(atom);
}

bool Intentions::all_have(AtomIndex first, AtomIndex count, Intention intention) const {
  const AtomIndex end = first + count;
  for (std::size_t other = 0; other < kKinds; ++other)
    if (other != kind(intention) && astir_with_[other].next(first, end) != end) return false;
  for (auto range = range_of(first); range != ranges_.end() && range->first < end; ++range) {
    if (range->second.intention == intention) continue;
    const auto next = std::next(range);
    const AtomIndex range_end = std::min(next == ranges_.end() ? atoms_ : next->first, end);
    if (resting_.next(std::max(range->first, first), range_end) != range_end) return false;
  }
  return true;
}

}  // namespace baton::engine
