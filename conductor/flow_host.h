#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/ports/flow_store.h"
#include "common/runtime/crash_marker.h"
#include "conductor/alive.h"
#include "conductor/atom_count.h"
#include "conductor/dispatcher.h"
#include "conductor/event_feed.h"
#include "conductor/flow_hooks.h"
#include "conductor/flow_slots.h"
#include "conductor/flows.h"
#include "conductor/hook_desk.h"
#include "conductor/lifeline.h"
#include "conductor/outbox.h"
#include "conductor/placement.h"
#include "conductor/store_time.h"
#include "conductor/worker_watch.h"
#include "engine/engine.h"

namespace baton::conductor {

/// What every flow of a conductor shares. All outlive the hosts.
struct HostServices {
  ports::FlowStore& store;
  Timers& timers;
  StoreTime& time;
  Flows& flows;
  Placement& placement;
  Dispatcher& dispatcher;
  const WorkerWatch& watch;
  Outbox& outbox;
  EventFeed& feed;
  Lifeline& lifeline;
  const ports::Clock& clock;
  const Bounds& bounds;
  Counters& counters;
  std::size_t& atoms_held;     // of all jobs claimed (AtomCount)
  FlowHooks* hooks = nullptr;  // none in a conductor
  const engine::UserRetries* retries = nullptr;
  runtime::CrashMarker* marker = nullptr;  // names the job whose flow is compiled, restored or stepped
  HookDesk* hook_desk = nullptr;           // none: nobody wants to be called
};

/// FlowHost drives one claimed flow's engine: remember first, act second. All events that wait are one step
/// and one commit; at most one commit is under way; workers for atoms that may start are chosen before it and
/// share it; after it the step's commands are obeyed in order.
/// What people ask of the flow comes with a load or later, in the order of asking; a step says in its write
/// which of it the engine has taken.
/// Life: made for one epoch of one flow; begin() or load() once; ends with one word to its owner, or with its
/// destruction at any time (nothing is said or deleted then). A commit whose outcome is not clear voids the
/// memory: the flow is loaded anew and the words of workers are said to it again (they fit what was recorded,
/// or are ignored). Where that goes on while the store serves others the flow is stuck here: nothing is lost,
/// who claims it next goes on from its records.
/// Not here: the claim on the board and its end (held_job.h), where flows come from (flow_source.h).
class FlowHost final : public FlowInbox {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual void flow_ended(FlowState) = 0;                  // recorded
    virtual void flow_fenced(const std::string& why) = 0;    // a later claim owns it
    virtual void flow_stuck(const std::string& reason) = 0;  // this conductor cannot go on with it
  };
  struct Identity {
    JobId job;
    FlowId flow;
    Epoch epoch;
    std::uint32_t run = 1;
    HookSubject subject = {};  // the job as hooks tell of it
  };

  /// `options`: what the posting asks for (flow_source.h). `count`: the job's, to be kept true.
  FlowHost(Identity, engine::Options, std::shared_ptr<AtomCount> count, HostServices, Owner&);
  ~FlowHost() override;

  void begin(engine::PlanPtr);         // not known to the store: the plan goes into the first commit
  void load();                         // known: from its plan and records
  void begin_loaded(engine::PlanPtr);  // not known, but something that was asked of it is
  /// No further step; `quiet` when no commit is under way (perhaps at once). Nothing is said afterwards.
  void drain(std::function<void()> quiet);
  /// At once: nothing is stepped, sent or said from here on. What it held is given back.
  void stop() { end(); }

  // FlowInbox
  void take(engine::Event, Incarnation from = {}) override;
  void order(const ports::OrderRecord&) override;
  void grant(AtomIndex, Incarnation worker, const std::string& worker_name) override;
  bool may_start(AtomIndex) const override;
  AtomIndex find(std::string_view atom) const override;
  std::optional<wire::Request> request(AtomIndex, Dispatch) const override;
  bool wants_start(AtomIndex) const override;
  void step() override;

  const Identity& identity() const { return identity_; }
  std::size_t atoms() const { return count_->get(); }
  /// Fills what only the engine knows; with the atoms' lists if asked for.
  void show(LiveFlow&, bool lists) const;

 private:
  enum class Phase { Loading, Working, Ended };
  struct Queued {
    engine::Event event;
    Incarnation from;
    std::optional<ports::OrderRecord> order;  // that this is
  };
  struct Grant {
    AtomIndex atom = kNoAtom;
    Incarnation worker;
    std::string name;
  };

  /// What somebody says of a delivery. Said again before the first one is committed, it adds nothing.
  using Word = std::tuple<std::size_t, AtomIndex, Dispatch, Attempt, Intention>;
  static std::optional<Word> word_of(const engine::Event&);

  // one step
  bool enqueue(engine::Event, Incarnation from);
  void touch();
  void place(TimePoint now, engine::StepOutput&);
  bool order_instead(TimePoint now, engine::StepOutput&, std::size_t commands);
  void follow(const std::vector<Fact>&, std::size_t from);
  std::optional<engine::Placed> place_one(AtomIndex);
  void commit(engine::StepOutput);
  std::vector<ports::NewHookCall> hook_calls(const std::vector<Fact>&) const;
  std::vector<ports::TakenOrder> orders_taken(const std::vector<engine::Command>&) const;
  bool is_new(const ports::OrderRecord&);
  void recorded(const std::vector<Fact>&);
  void committed(const std::vector<Fact>&);
  void obey(const engine::Command&);
  void obey_send(AtomIndex);
  void set_timer(const engine::SetTimer&);
  wire::DeliveryId delivery_of(AtomIndex, Dispatch) const;
  wire::Request request_of(AtomIndex) const;

  // when a commit was not clear, and loading
  void not_committed(const ports::StoreError&);
  bool replace_guilty(const ports::StoreError&);
  void void_memory();
  bool doubted_too_often();
  bool unloadable_too_long();
  void reload_later();
  void loaded(Result<ports::FlowSnapshot, ports::StoreError>);
  void restore(ports::FlowSnapshot);
  void queue_orders(std::vector<Queued>& first, const std::vector<ports::OrderRecord>&);
  bool make_engine(FlowState, std::vector<AtomRecord>, std::uint64_t last_seq);
  void keep(engine::PlanPtr);
  void start(const std::vector<ports::OrderRecord>& orders = {});
  void end();
  template <class Say>
  void last_word(Say say) {
    end();
    if (!draining_) say();
  }

  const Identity identity_;
  engine::Options options_;
  const std::shared_ptr<AtomCount> count_;
  HostServices with_;
  Owner& owner_;
  Phase phase_ = Phase::Loading;
  bool committing_ = false, touched_ = false;
  engine::PlanPtr plan_;
  bool plan_recorded_ = false;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<Queued> queue_;                     // for the next step
  std::vector<Queued> taken_;                     // in the step under way
  std::set<Word> words_;                          // in both of them
  std::vector<Grant> granted_;                    // room kept for us
  std::vector<ports::OrderRecord> early_orders_;  // heard while loading
  std::uint64_t last_order_ = 0;                  // that this engine has, or will have with the next step
  std::vector<engine::Command> commands_;
  FlowSlots slots_;
  std::unordered_map<engine::TimerKey, Timers::Id> timers_;
  std::function<void()> quiet_;
  bool draining_ = false;
  Millis reload_pause_;
  // since the last commit, or (unloadable_since_) the last load
  std::uint32_t conflicts_ = 0;
  std::uint32_t doubts_ = 0;  // commits whose outcome was not clear though the store was there
  bool unclear_ = false;      // … at all
  std::optional<Micros> unloadable_since_;
  Alive alive_;
};

}  // namespace baton::conductor
