#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/ports/clock.h"
#include "engine/engine.h"
#include "worker/task_executor.h"

namespace baton::local {

/// An atom changed its state, and that is on record.
struct AtomChange {
  const engine::Engine& engine;  // behind the step that this is of: it may be further
  AtomIndex atom = kNoAtom;
  AtomState from = AtomState::Pending, state = AtomState::Pending;
  Attempt attempt = 0;
  /// As it is recorded with this change. Null: one of many that were reset or passed over at once.
  const AtomFact* fact = nullptr;
  TimePoint at{};
  std::optional<Micros> took;  // of one that has run, or was reverted, in this process
};

struct FlowChange {
  const engine::Engine& engine;
  const FlowFact& fact;
  TimePoint at{};
};

/// Who wants to hear what happens to a flow: every change once, in the order of the records and after they
/// were kept. What runs may have begun, and even ended, before its RUNNING is told; what was recorded right
/// before the process was killed is never told, but the next process begins with its states.
/// Called on the owner's thread, between two steps: the flow waits for it, what runs does not. One that
/// throws has not heard that change; the flow goes on, and Notifier::troubles() tells.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_atom(const AtomChange&) {}
  virtual void on_flow(const FlowChange&) {}
  /// All that one commit holds has been told.
  virtual void on_step(const engine::Engine&) {}
  /// What a running task says of itself, when it is something new.
  virtual void on_progress(const engine::Engine&, AtomIndex, const worker::TaskProgress&) {}
  virtual bool wants_progress() const { return false; }
};

/// Tells a flow's listeners what happens to it. They are called in the order of their adding; one may take
/// itself, or another one, away meanwhile.
class Notifier {
 public:
  static constexpr std::size_t kTroublesMax = 16;  // more are only counted

  explicit Notifier(const ports::Clock& clock) : clock_(clock) {}

  void add(Listener& listener);
  void remove(Listener& listener) { std::erase(listeners_, &listener); }
  bool anybody() const { return !listeners_.empty(); }
  bool wants_progress() const;
  /// Called as often as one is added that wants progress.
  void on_progress_wanted(std::function<void()> wanted) { progress_wanted_ = std::move(wanted); }

  /// From these states on.
  void begin(const engine::Engine&);
  void tell(const engine::Engine&, std::span<const Fact>);
  void tell_progress(const engine::Engine&, AtomIndex, const worker::TaskProgress&);

  /// What listeners threw, and at what; the last one says how many more there were.
  std::vector<std::string> troubles() const;

 private:
  /// Of an atom, as it was told last.
  struct Known {
    AtomState state = AtomState::Pending;
    Attempt attempt = 0;
    Micros began{-1};  // none
    worker::TaskProgress progress;
  };

  void tell_atom(const engine::Engine&, const AtomFact&, TimePoint at);
  void tell_range(const engine::Engine&, const RangeFact&, TimePoint at);
  void change(AtomChange);
  template <class Call>
  void each(const std::string& what, Call call);
  void trouble(std::string what);

  const ports::Clock& clock_;
  std::vector<Listener*> listeners_;
  std::function<void()> progress_wanted_;
  std::vector<Known> known_;
  std::vector<std::string> troubles_;
  std::size_t troubles_left_out_ = 0;
};

}  // namespace baton::local
