#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/model/ids.h"

namespace baton::engine {

/// Some of a flow's atoms: a bit each, and above them, level by level, a bit for each word that has one.
/// Adding, removing and finding the next one cost a few words, however large the flow.
class AtomSet {
 public:
  explicit AtomSet(std::size_t atoms);

  bool contains(AtomIndex atom) const { return (levels_[0][atom / 64] >> (atom % 64) & 1) != 0; }
  void insert(AtomIndex);
  void erase(AtomIndex);

  bool empty() const { return levels_.back()[0] == 0; }
  /// The first one in [from, end); `end`: none.
  AtomIndex next(AtomIndex from, AtomIndex end) const;
  /// The first of all. Only if there is one.
  AtomIndex first() const;

  /// In ascending order, those that are there when their turn comes.
  template <class Visit>
  void each(AtomIndex from, AtomIndex end, Visit visit) const {
    for (AtomIndex atom = next(from, end); atom != end; atom = next(atom + 1, end)) visit(atom);
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;  // [0]: the atoms; the last one is a single word
  std::size_t atoms_;
};

}  // namespace baton::engine
