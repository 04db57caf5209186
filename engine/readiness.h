#pragma once

#include <cstdint>
#include <vector>

#include "common/model/states.h"
#include "engine/intentions.h"
#include "engine/moves.h"
#include "engine/plan_data.h"

namespace baton::engine {

/// Knows which atoms may start, by counters through all nodes of the graph, start and end nodes included,
/// never by search: what a change of one atom costs is its edges, and those of the nodes that it opens or
/// closes.
///
/// A node is *open* if it passes itself and all before it are open: an atom executes when all before it are
/// open (semantics.md 18). It is *clear* if it is cleared itself and all behind it are clear: an atom reverts
/// when all behind it are clear (19).
class Readiness {
 public:
  /// All atoms are (PENDING, EXECUTE). What is intended with those at rest is asked of `marks`, if given.
  explicit Readiness(const PlanData&, const Intentions* marks = nullptr);

  void update(AtomIndex, AtomState, Intention);
  /// The range was marked anew; whoever is astir in it was told of by update().
  void marks_changed(AtomIndex first, AtomIndex count);

  Wish ready_for(AtomIndex) const;
  /// Something before it does not pass.
  bool waits(AtomIndex atom) const { return nodes_[atom].waits_for > 0; }
  std::size_t ready_to_execute() const { return ready_to_execute_; }
  std::size_t ready_to_revert() const { return ready_to_revert_; }  // or to retry

  /// Atoms that became ready since the last call, ascending, each once; some may not be ready any more.
  std::vector<AtomIndex> take_new();
  /// Every ready atom counts as new again, and none as offered.
  void renew_all();

  /// An atom is offered to the host once while it stays ready.
  bool offered(AtomIndex atom) const { return nodes_[atom].offered; }
  void mark_offered(AtomIndex atom) { nodes_[atom].offered = true; }

 private:
  struct Node {
    std::uint32_t waits_for = 0;   // nodes before it that are not open
    std::uint32_t blocked_by = 0;  // nodes behind it that are not clear
    bool passes = false, cleared = true;
    bool open = false, clear = true;
    Wish wish = Wish::Nothing;
    Wish ready = Wish::Nothing;  // its wish, if it is granted
    bool is_new = false, offered = false;
  };

  void spread_open(NodeIndex);
  void spread_clear(NodeIndex);
  void refresh(NodeIndex);

  const PlanData& plan_;
  const Intentions* marks_;
  std::vector<Node> nodes_;
  AtomSet unblocked_;  // atoms that wait for nothing before them
  std::vector<AtomIndex> new_;
  std::vector<NodeIndex> changed_;  // to be looked at by the spread under way; kept for its memory
  std::size_t ready_to_execute_ = 0, ready_to_revert_ = 0;
};

}  // namespace baton::engine
