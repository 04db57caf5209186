#pragma once

#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "common/ports/message_bus.h"
#include "conductor/dispatcher.h"
#include "conductor/flows.h"
#include "conductor/inspection.h"
#include "conductor/outbox.h"
#include "conductor/placement.h"

namespace baton::conductor {

/// Reads our inbox: finds the flow that a worker's word is for and says it as an event. Every flow that was
/// touched is stepped once when the inbox has been drained. Words about flows that are not ours are dropped;
/// if such a flow is known to have ended, the worker is told that it may forget. Owner's thread only.
class ReplyListener final : public ports::MessageBus::Listener {
 public:
  static constexpr std::size_t kEndedFlowsMax = 10'000;  // remembered; the oldest goes

  ReplyListener(Flows&, Dispatcher&, Outbox&, Placement&, Counters&, const Bounds&);

  void identify(Incarnation self) { self_ = self; }
  void on_bus_reachable(std::function<void(bool)> then) { reachable_ = std::move(then); }
  void on_room_again(std::function<void()> then) { room_ = std::move(then); }
  /// Its final state is recorded: nothing that workers still hold of it is needed.
  void flow_ended(const FlowId&);
  /// It is at work again (a rerun keeps its id), here or later elsewhere: what workers hold of it is needed.
  void flow_begins(const FlowId&);
  /// Of none it is known that it has ended.
  void forget_endings();

  void on_message(std::string_view bytes) override;
  void on_drained() override;
  void on_room() override;
  void on_undeliverable(std::uint64_t tag, const ports::BusError&) override;
  void on_reachable(bool reachable) override;

 private:
  void answer(const Incarnation& from, const wire::Answer&);
  void not_run(const Incarnation& from, FlowInbox&, const DeliveryKey&, const wire::Answer&,
               const wire::NotRun&);

  Flows& flows_;
  Dispatcher& dispatcher_;
  Outbox& outbox_;
  Placement& placement_;
  Counters& counters_;
  const Millis busy_pause_;
  Incarnation self_;
  std::function<void(bool)> reachable_;
  std::function<void()> room_;
  std::map<FlowId, std::uint64_t> ended_;                     // by number of ending
  std::deque<std::pair<std::uint64_t, FlowId>> ended_order_;  // also of those that have begun again
  std::uint64_t endings_ = 0;
};

}  // namespace baton::conductor
