#include "common/model/fact.h"

#include <algorithm>
#include <map>

#include "common/model/assert.h"

namespace baton {

FoldedStep fold(const std::vector<Fact>& facts) {
  FoldedStep folded;
  std::map<AtomIndex, std::size_t> place;  // atom -> its update in folded.atoms
  for (const Fact& fact : facts) {
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
      const auto [at, fresh] = place.try_emplace(atom->atom, folded.atoms.size());
      if (fresh) {
        folded.atoms.push_back(*atom);
      } else {
        AtomFact& update = folded.atoms[at->second];
        update.after = atom->after;
        update.changed |= atom->changed;
        update.note = atom->note;
      }
      folded.atoms[at->second].after.seq = fact.seq;
    } else if (std::holds_alternative<RangeFact>(fact.body)) {
      folded.ranges.push_back(fact);
    } else {
      folded.flow.push_back(fact);
    }
  }
  std::sort(folded.atoms.begin(), folded.atoms.end(),
            [](const auto& a, const auto& b) { return a.atom < b.atom; });
  return folded;
}

void apply_ranges(std::vector<AtomRecord>& atoms, const std::vector<Fact>& ranges) {
  for (const Fact& fact : ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    BATON_ASSERT(range.first + std::size_t{range.count} <= atoms.size());
    for (AtomIndex i = range.first; i < range.first + range.count; ++i) {
      AtomRecord& atom = atoms[i];
      if (atom.seq >= fact.seq) continue;
      atom.intention = range.intention;
      if (range.reset) atom.state = AtomState::Pending, atom.delivery.reset();
      if (range.intention == Intention::Ignore) atom.state = AtomState::Ignore;
      atom.seq = fact.seq;
    }
  }
}

std::vector<Fact> ranges_over(const std::vector<Fact>& ranges, AtomIndex first, AtomIndex count) {
  const std::uint64_t end = std::uint64_t{first} + count;
  std::vector<Fact> over;
  for (const Fact& fact : ranges) {
    RangeFact range = std::get<RangeFact>(fact.body);
    const std::uint64_t from = std::max<std::uint64_t>(range.first, first);
    const std::uint64_t to = std::min(std::uint64_t{range.first} + range.count, end);
    if (from >= to) continue;
    range.first = static_cast<AtomIndex>(from - first);
    range.count = static_cast<AtomIndex>(to - from);
    over.push_back({fact.seq, range});
  }
  return over;
}

}  // namespace baton
