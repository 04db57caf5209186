#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "common/model/states.h"
#include "engine/atom_set.h"

namespace baton::engine {

/// What is intended with each atom of a flow, held so that marking a range costs what stands out in it, not
/// its length: with N retries in a row, each failure of a stage turns all stages behind it to REVERT and
/// back.
///
/// Most of a flow has not begun. Such atoms are *at rest*: PENDING, and their intention and the fact that
/// gave it are held by ranges here. All others are *astir*: their records say it, and here they are found by
/// it.
class Intentions {
 public:
  struct Mark {
    Intention intention = Intention::Execute;
    std::uint64_t seq = 0;  // of the fact that gave it
    bool operator==(const Mark&) const = default;
  };

  explicit Intentions(std::size_t atoms);  // all at rest, to be executed

  bool at_rest(AtomIndex atom) const { return !astir_.contains(atom); }
  /// Of an atom at rest.
  const Mark& mark_of(AtomIndex) const;

  /// Marks a range; atoms astir in it are not touched, but get the mark when they come to rest.
  void mark(AtomIndex first, AtomIndex count, Mark);
  /// The atom is astir with this intention, from now on or still.
  void stir(AtomIndex, Intention);
  /// The atom is at rest from now on; its mark is that of the range it is in.
  void rest(AtomIndex);

  bool all_have(AtomIndex first, AtomIndex count, Intention) const;
  const AtomSet& astir() const { return astir_; }
  const AtomSet& resting() const { return resting_; }

 private:
  using Ranges = std::map<AtomIndex, Mark>;  // first atom -> mark, up to the next range
  Ranges::iterator cut(AtomIndex at);
  Ranges::const_iterator range_of(AtomIndex) const;

  static constexpr std::size_t kKinds = 4;
  static std::size_t kind(Intention intention) { return static_cast<std::size_t>(intention); }

  AtomIndex atoms_;
  Ranges ranges_;
  AtomSet astir_, resting_;
  std::array<AtomSet, kKinds> astir_with_;  // by intention
};

}  // namespace baton::engine
