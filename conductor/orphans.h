#pragma once

#include <set>
#include <utility>

#include "common/ports/flow_store.h"
#include "conductor/alive.h"
#include "conductor/outbox.h"

namespace baton::conductor {

/// Answers about flows that are not at work here: repeated after their flow has ended, or of a conductor that
/// has died. The store knows whether anybody still waits for them; if not, the worker is told that it may
/// forget. Else nothing is said: the flow's owner asks the worker itself. Owner's thread only.
class Orphans {
 public:
  static constexpr std::size_t kWaitingMax = ports::kDeliveriesAskedMax;  // more are dropped: they come again

  Orphans(ports::FlowStore& store, Outbox& outbox) : store_(store), outbox_(outbox) {}

  void add(const Incarnation& from, const wire::DeliveryId&);
  /// Asks for all that have come. One question at a time.
  void ask();
  /// It is another database: what was asked of the old one says nothing.
  void forget();

 private:
  using Orphan = std::pair<Incarnation, wire::DeliveryId>;
  static ports::DeliveryRef ref_of(const Orphan& orphan) {
    return {orphan.second.flow, orphan.second.atom, orphan.second.dispatch};
  }
  void told(const std::set<Orphan>& asked, const Result<std::vector<ports::DeliveryRef>, ports::StoreError>&);

  ports::FlowStore& store_;
  Outbox& outbox_;
  std::set<Orphan> waiting_;
  bool asking_ = false;
  Alive alive_;
};

}  // namespace baton::conductor
