#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/entropy.h"
#include "common/ports/flow_store.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/hook_runner.h"
#include "conductor/inspection.h"

namespace baton::conductor {

/// HookDesk makes the calls of hooks that are recorded (docs/hooks.md): it takes those that are due, of the
/// hooks that this conductor has and as far as it has room, lets the runner make them, and records how each
/// attempt ended. Whoever recorded a call: any conductor that has a hook of that name makes it.
/// At least once: the end is recorded behind the call. A call that failed is due again after a pause that
/// doubles, up to the hook's number of attempts.
/// Bounds: hook_calls_max calls at once, hook_calls_each of one hook: a hook that hangs leaves room for the
/// others. At the bound calls stay where they are recorded.
/// Life: start() when there is a store to ask; drain() takes no more, and waits a little for those under way.
class HookDesk {
 public:
  struct Services {
    ports::HookStore& store;
    const HookBook& book;
    HookRunner& runner;
    ports::Clock& clock;
    ports::Entropy& entropy;
    const Bounds& bounds;
    Counters& counters;
    const ports::Member& self;
  };
  explicit HookDesk(const Services& services) : with_(services) {}

  void start();
  /// Something was recorded here: it is looked for at once.
  void recorded(std::size_t calls);
  /// `done`: perhaps at once.
  void drain(std::function<void()> done);
  /// One call with a document that says that it is a test. False: there is no such hook.
  bool test(const std::string& hook, HookRunner::Done done);

  const HookBook& book() const { return with_.book; }
  std::size_t running() const { return running_.size(); }

 private:
  void look();
  void look_later();
  std::vector<ports::HookTake::Share> shares() const;
  void taken(const std::vector<ports::HookCall>&);
  void make(const ports::HookCall&);
  void made(const ports::HookCall&, const std::string& error);
  ports::HookEnding ending_of(const ports::HookCall&, const std::string& error);
  void record(const ports::HookEnding&, int tries);
  void ended(const ports::HookCall&);
  Millis pause_after(std::uint32_t attempts);

  const Services with_;
  std::map<std::uint64_t, std::string> running_;         // their hooks, until the end is recorded
  std::map<std::uint64_t, ports::HookCall> taken_anew_;  // of these: ours again meanwhile
  std::optional<ports::TimerId> timer_;
  bool started_ = false, taking_ = false, again_ = false, stopping_ = false;
  std::function<void()> drained_;
  Alive alive_;
};

/// The document of a call's next attempt.
HookDocument document_of(const ports::HookCall&, const ports::Member& self);

}  // namespace baton::conductor
