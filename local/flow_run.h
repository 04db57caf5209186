#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "local/beginning.h"
#include "local/keeper.h"
#include "worker/task_executor.h"

namespace baton::local {

/// Drives one flow's engine in this process: remember first, act second. All events that wait are one step
/// and one commit. What may start is recorded as RUNNING before it does; where commits take longer than tasks
/// more is recorded at once than slots are there (a window that follows the pace), and what of that has not
/// begun is handed back when something fails or the flow is to stop.
/// Life: begin() once; ends with one word to its listener, or with its destruction at any time.
/// Owner's thread only. Not here: where tasks run (worker/task_executor.h), where it is remembered
/// (keeper.h).
class FlowRun {
 public:
  static constexpr std::size_t kWindowMax = 4096;

  struct Ports {
    Keeper& keeper;
    worker::TaskExecutor& tasks;
    ports::Executor& executor;
    ports::Clock& clock;
    const engine::UserRetries* retries = nullptr;
  };
  struct Settings {
    std::uint32_t slots = 1;  // tasks at a time
    Incarnation self;         // whom deliveries are recorded for
    std::string name;
  };
  struct Listener {
    virtual ~Listener() = default;
    /// After they were kept. Only where wants_facts().
    virtual void on_facts(const engine::Engine&, std::span<const Fact>) {}
    virtual bool wants_facts() const { return false; }
    /// Final, or SUSPENDED.
    virtual void on_end(FlowState) = 0;
    /// It cannot be remembered any more, or not be driven: nothing further is begun.
    virtual void on_lost(const std::string& why) = 0;
  };

  FlowRun(Beginning, Ports, Settings, Listener&);
  ~FlowRun();

  void begin();
  /// Nothing more starts; what runs ends and is recorded; then SUSPENDED.
  void suspend(const std::string& who, const std::string& why);
  /// What runs is ended, what was done is reverted.
  void cancel(const std::string& who, const std::string& why);

  const engine::Engine* engine() const { return engine_.get(); }
  /// That have begun and not ended, in the order of their beginning; at most so many.
  std::vector<AtomIndex> running(std::size_t max) const;
  /// … and what each says of itself.
  using Progressed = std::function<void(AtomIndex, const worker::TaskProgress&)>;
  void progress(const Progressed&) const;

 private:
  struct Out {
    AtomIndex atom = kNoAtom;
    Dispatch dispatch = 0;
    Attempt attempt = 0;
    Intention intention = Intention::Execute;
    bool cancelled = false;
    Micros began{0};
  };
  struct Recorded {
    AtomIndex atom = kNoAtom;
    Dispatch dispatch = 0;
  };

  void take(engine::Event);
  void touch();
  void step();
  void hand_back_what_waits();
  bool stops_starting() const;
  void place(TimePoint now, engine::StepOutput&);
  bool may_place() const;
  void commit(engine::StepOutput);
  void kept(const Result<void, ports::StoreError>&, const std::vector<Fact>& facts);
  void write_plan(ports::StepWrite&) const;
  void obey(const engine::Command&);
  std::vector<worker::CallId> calls() const;
  void end_delivery(AtomIndex, Dispatch);
  bool is_out(AtomIndex, Dispatch) const;
  void start_recorded();
  void start(const Recorded&);
  void ended(worker::CallId, worker::TaskOutcome);
  void follow_pace(Micros commit_took);
  void check_moves() const;
  template <class F>
  auto guarded(F call);

  const Beginning beginning_;
  Ports ports_;
  const Settings settings_;
  Listener& listener_;
  engine::PlanPtr plan_;
  bool plan_kept_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<engine::Event> queue_;  // for the next step
  std::deque<AtomIndex> may_start_;   // named by the engine, not placed yet
  std::deque<Recorded> recorded_;     // RUNNING on record, not begun
  std::unordered_map<worker::CallId, Out> running_;
  worker::CallId last_call_ = 0;
  std::unordered_map<engine::TimerKey, ports::TimerId> timers_;
  std::vector<engine::Command> commands_;  // of the step that is being kept
  std::size_t placed_ = 0;                 // in this step
  std::size_t window_;
  Micros commit_began_{0}, task_took_{0};
  bool committing_ = false, touched_ = false, over_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::local
