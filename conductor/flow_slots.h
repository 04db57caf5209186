#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "common/model/atom_record.h"
#include "conductor/dispatcher.h"
#include "conductor/placement.h"
#include "engine/event.h"

namespace baton::conductor {

/// The room at workers that one flow's deliveries take, each counted at the placement when it is taken and
/// given back once; and where its atoms had rather go, by what became of them before.
/// Life: the flow host's, whose engine's events and facts it is told of, in their order; clear() when what is
/// known is void.
class FlowSlots {
 public:
  FlowSlots(FlowId, Placement&, Dispatcher&);

  /// Room for a fresh delivery; nullopt: the atom waits, and the placement grants it room later.
  std::optional<engine::Placed> place(AtomIndex, const engine::TaskSpec&, Intention);
  /// Room that the placement has counted for it.
  engine::Placed take(AtomIndex, Incarnation worker, std::string worker_name);
  /// Of a delivery that the records have.
  void restore(AtomIndex, const AtomRecord&);

  /// A delivery that comes back without an outcome takes no room any more, whatever the engine makes of it.
  /// Who hands an atom back is avoided until that has an outcome there.
  void hear(const engine::Event&);
  /// As the atom's record says now.
  void follow(AtomIndex, const AtomRecord&);
  void clear();

  /// False: it ended or was handed back in this step.
  bool open(AtomIndex) const;
  const std::string* worker_name(AtomIndex) const;  // null: it has no delivery

 private:
  struct Slot {
    Incarnation worker;
    std::string name;
    Dispatch dispatch = 0;  // 0: placed, not yet recorded
    bool counted = false;
  };
  Slot* of_delivery(AtomIndex, Dispatch);
  void free(AtomIndex, Slot&);
  Placement::Taste taste(AtomIndex, Intention) const;

  const FlowId flow_;
  Placement& placement_;
  Dispatcher& dispatcher_;
  std::unordered_map<AtomIndex, Slot> slots_;
  std::unordered_map<AtomIndex, Incarnation> last_worker_;     // reverts prefer it
  std::unordered_map<AtomIndex, Incarnation> handed_back_by_;  // avoided
};

}  // namespace baton::conductor
