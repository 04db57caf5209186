#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/entropy.h"
#include "common/ports/executor.h"
#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "common/ports/message_bus.h"
#include "common/runtime/crash_marker.h"
#include "conductor/bounds.h"
#include "conductor/event_feed.h"
#include "conductor/flow_catalogue.h"
#include "conductor/flow_hooks.h"
#include "conductor/hook_runner.h"
#include "conductor/inspection.h"

namespace baton::conductor {

/// One conductor: claims jobs from the board and brings their flows to an end through workers. The same
/// object runs in the daemon, in local mode and in the simulator; only the ports differ.
/// Life: start() once, then drain() once. It listens to board, store, bus and directory: they are closed (by
/// drain()) or destroyed before it is, or nothing runs the loop any more; clock and executor outlive it.
/// Owner's thread only.
class Conductor final : public Inspection {
 public:
  struct Ports {
    ports::JobBoard& board;
    ports::FlowStore& store;
    ports::MessageBus& bus;
    ports::Directory& directory;
    ports::Clock& clock;
    ports::Executor& executor;
    ports::Entropy& entropy;
    FlowCatalogue& catalogue;
    runtime::CrashMarker* marker = nullptr;  // none: nobody looks who is to blame for a death of ours
    /// Who is to be called for what, and how that is done; the store must remember calls. None: nobody is.
    const HookBook* hook_book = nullptr;
    HookRunner* hook_runner = nullptr;
  };

  /// `hooks`: for the simulator; they outlive it.
  Conductor(Ports, ports::Member self, const Bounds&, FlowHooks* hooks = nullptr);
  ~Conductor() override;

  /// Where the API is, for the list of conductors; before start().
  void api_at(std::string address);

  /// Checks store and bus, leases an inbox, joins the members, opens the board. A server that is away is
  /// asked again (logged). `started`: empty, or why this conductor cannot run against these servers at all.
  void start(std::function<void(const std::string& refused)> started);

  /// Claims nothing more, ends the commits under way, frees every claim, closes the sessions. `done`: whether
  /// all was freed before the deadline (else the sessions' end has freed the rest).
  void drain(std::function<void(bool clean)> done);

  EventFeed& feed();

  // Inspection
  ports::Member self() const override;
  std::vector<LiveFlow> flows() const override;
  std::optional<LiveFlow> flow(const JobId&) const override;
  std::vector<LeftAloneJob> left_alone() const override;
  std::vector<ParkedJob> parked() const override;
  std::vector<WorkerView> workers() const override;
  std::vector<ports::Member> conductors() const override;
  Counters counters() const override;
  Gauges gauges() const override;
  const HookBook* hooks() const override;
  bool test_hook(const std::string& name, std::function<void(const std::string& error)>) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace baton::conductor
