#include "common/model/fact.h"

#include <algorithm>
#include <map>
#include <set>

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

namespace {

/// The range facts that cover one atom, while all atoms are gone through: whatever their number, what they
/// make of an atom is found at once.
class Covering {
 public:
  explicit Covering(const std::vector<Fact>& ranges) {
    for (const Fact& fact : ranges) {
      const auto& range = std::get<RangeFact>(fact.body);
      if (range.count == 0) continue;
      edges_.push_back({range.first, true, &fact});
      edges_.push_back({range.first + std::uint64_t{range.count}, false, &fact});
    }
    std::sort(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
  }

  /// Atoms come in ascending order.
  void apply_to(AtomIndex index, AtomRecord& atom) {
    for (; next_ < edges_.size() && edges_[next_].at <= index; ++next_) pass(edges_[next_]);
    if (all_.empty() || all_.rbegin()->first <= atom.seq) return;
    const std::uint64_t reset = last_behind(atom.seq, resets_), ignored = last_behind(atom.seq, ignores_);
    if (reset > 0) atom.state = AtomState::Pending, atom.delivery.reset();
    if (ignored > 0 && ignored >= reset) atom.state = AtomState::Ignore;
    atom.intention = all_.rbegin()->second;
    atom.seq = all_.rbegin()->first;
  }

 private:
  struct Edge {
    std::uint64_t at = 0;
    bool begins = false;
    const Fact* fact = nullptr;
  };
  using Numbers = std::multiset<std::uint64_t>;  // pieces of one fact have its number

  void pass(const Edge& edge) {
    const auto& range = std::get<RangeFact>(edge.fact->body);
    const std::uint64_t seq = edge.fact->seq;
    const auto pass_in = [&](Numbers& numbers) {
      edge.begins ? void(numbers.insert(seq)) : void(numbers.erase(numbers.find(seq)));
    };
    if (range.reset) pass_in(resets_);
    if (range.intention == Intention::Ignore) pass_in(ignores_);
    edge.begins ? void(all_.emplace(seq, range.intention)) : void(all_.erase(all_.find(seq)));
  }

  static std::uint64_t last_behind(std::uint64_t seq, const Numbers& numbers) {
    return numbers.empty() || *numbers.rbegin() <= seq ? 0 : *numbers.rbegin();
  }

  std::vector<Edge> edges_;  // ascending
  std::size_t next_ = 0;
  std::multimap<std::uint64_t, Intention> all_;  // of the facts that cover the atom, by number
  Numbers resets_, ignores_;                     // those of them that change the state
};

}  // namespace

void apply_ranges(std::vector<AtomRecord>& atoms, const std::vector<Fact>& ranges) {
  if (ranges.empty()) return;
  for (const Fact& fact : ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    BATON_ASSERT(range.first + std::size_t{range.count} <= atoms.size());
  }
  Covering covering(ranges);
  for (AtomIndex i = 0; i < atoms.size(); ++i) covering.apply_to(i, atoms[i]);
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
