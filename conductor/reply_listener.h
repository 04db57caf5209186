#pragma once

#include <functional>

#include "common/ports/message_bus.h"
#include "common/runtime/unreadables.h"
#include "conductor/dispatcher.h"
#include "conductor/flows.h"
#include "conductor/inspection.h"
#include "conductor/orphans.h"
#include "conductor/outbox.h"
#include "conductor/placement.h"

namespace baton::conductor {

/// Reads our inbox: finds the flow that a worker's word is for and says it as an event. Every flow that was
/// touched is stepped once when the inbox has been drained. Outcomes of flows that are not ours are orphans
/// (orphans.h). Owner's thread only.
class ReplyListener final : public ports::MessageBus::Listener {
 public:
  ReplyListener(Flows&, Dispatcher&, Outbox&, Placement&, Orphans&, Counters&, runtime::Unreadables&,
                const Bounds&);

  void identify(Incarnation self) { self_ = self; }
  void on_bus_reachable(std::function<void(bool)> then) { reachable_ = std::move(then); }
  void on_anything(std::function<void()> then) { anything_ = std::move(then); }
  void on_room_again(std::function<void()> then) { room_ = std::move(then); }

  void on_message(std::string_view bytes) override;
  void on_drained() override;
  void on_room() override;
  void on_undeliverable(std::uint64_t tag, const ports::BusError&) override;
  void on_reachable(bool reachable) override;

 private:
  void unreadable(const wire::Unreadable&);
  void answer(const Incarnation& from, const wire::Answer&);
  void unsupported(const Incarnation& from, const std::string& why);
  void not_run(const Incarnation& from, FlowInbox&, const DeliveryKey&, const wire::Answer&,
               const wire::NotRun&);

  Flows& flows_;
  Dispatcher& dispatcher_;
  Outbox& outbox_;
  Placement& placement_;
  Orphans& orphans_;
  Counters& counters_;
  runtime::Unreadables& unreadables_;
  const Millis busy_pause_, silent_rest_;
  Incarnation self_;
  std::function<void(bool)> reachable_;
  std::function<void()> room_, anything_;
};

}  // namespace baton::conductor
