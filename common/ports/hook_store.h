#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/failure.h"
#include "common/model/ids.h"
#include "common/model/job.h"
#include "common/model/result.h"
#include "common/model/states.h"
#include "common/model/time.h"

namespace baton::ports {

struct StoreError;

/// What somebody wants to be called for. The numbers are stored: append only. Not reverted: the flow's run is
/// over, and the revert of an atom has failed. Stalled: nothing was recorded of a run for a time. Rejected:
/// no run could be made of what was posted.
enum class HookEvent : std::uint8_t {
  Failed = 0,
  Reverted = 1,
  NotReverted = 2,
  Stalled = 3,
  Succeeded = 4,
  Cancelled = 5,
  Rejected = 6
};
inline constexpr std::size_t kHookEvents = 7;
/// Of one that a later version of the program has recorded: "unknown".
std::string_view to_string(HookEvent);
std::optional<HookEvent> hook_event_from(std::string_view);

/// Given up: it has failed as often as its hook may be tried.
enum class HookCallState : std::uint8_t { Pending = 0, Done = 1, GivenUp = 2 };
std::string_view to_string(HookCallState);
std::optional<HookCallState> hook_call_state_from(std::string_view);

/// A call to be made, recorded together with what it is made for.
struct NewHookCall {
  std::string hook;  // its name in the conductors' hooks files
  HookEvent event = HookEvent::Failed;
  Value about;  // an object: what happened to which job, as it was then
};

/// One for each run of a job, event, occasion and hook; what is asked for twice is there once.
struct HookCall {
  std::uint64_t id = 0;
  JobId job;
  std::uint32_t run = 1;
  std::optional<FlowId> flow;  // none: nobody had claimed the job
  HookEvent event = HookEvent::Failed;
  std::uint64_t occasion = 0;  // of a stall: the last fact before it; else 0
  std::string hook;
  Value about;
  HookCallState state = HookCallState::Pending;
  std::uint32_t attempts = 0;         // that have ended
  std::uint32_t attempts_before = 0;  // … when a person last ordered it again; 0: nobody has
  TimePoint recorded_at{};
  TimePoint next_at{};  // not before; while somebody makes it: until when it is his
  std::optional<TimePoint> ended_at;
  std::optional<Incarnation> holder;  // who makes it now
  std::string holder_name;
  std::string last_error;
};

/// What one conductor takes: of each hook that it has at most so many, each for so long.
struct HookTake {
  struct Share {
    std::string hook;
    std::uint32_t calls_max = 1;
    Millis lease{0};
  };
  std::vector<Share> shares;
  Incarnation holder;
  std::string holder_name;
};

/// How one attempt ended.
struct HookEnding {
  enum class How { Done, Again, GivenUp };
  HookCall call;  // as it was taken
  How how = How::Done;
  Millis again_after{0};
  std::string error;
};

/// A person's word on a call that was given up: it is to be made after all.
struct HookRetry {
  HookCall call;  // as it was seen
  std::string who, why;
};

/// A run that has not ended and of which nothing was recorded for some time.
struct StalledJob {
  JobId job;
  std::string name, flow_name;
  Priority priority = Priority::Normal;
  FlowId flow;
  std::uint32_t run = 1;
  FlowState state = FlowState::Pending;
  std::uint64_t last_seq = 0;  // of the last fact of this run; 0: there is none
  TimePoint since{};
};
struct StalledPage {
  std::vector<StalledJob> jobs;
  std::uint64_t last = 0;  // where the next page goes on
  bool more = false;
  TimePoint now{};  // the store's
};
/// A stall that is to be told. Recorded only if it may still be one: with a flow, while that is the job's run
/// and neither over nor suspended; without one, while nobody has claimed the job.
struct NewStall {
  JobId job;
  std::uint32_t run = 1;
  std::optional<FlowId> flow;
  std::uint64_t occasion = 0;
  NewHookCall call;
};

struct HookCallFilter {
  std::optional<JobId> job;
  std::optional<HookCallState> state;
  std::uint64_t before = 0;  // id; 0: the newest
  std::uint32_t limit = 100;
};
struct HookCallPage {
  std::vector<HookCall> calls;  // newest first
  bool more = false;
};
struct HookCount {
  std::string hook;
  std::uint64_t pending = 0, given_up = 0;
  std::optional<TimePoint> oldest_pending;
};

/// Where calls of hooks are remembered: each is recorded by the step whose state it tells of
/// (StepWrite::hook_calls), taken by one conductor after the other until it is done or given up, and kept. At
/// least once: a conductor that dies at a call leaves it to the next when its time is over. Owner's thread
/// only; callbacks on it, never inline; a call whose answer is lost may be asked again.
class HookStore {
 public:
  template <class T>
  using Done = std::function<void(Result<T, StoreError>)>;
  virtual ~HookStore() = default;

  /// The oldest that are due, never more than asked for, of events that this program knows. They are the
  /// holder's until their lease is over.
  virtual void take_hook_calls(const HookTake&, Done<std::vector<HookCall>>) = 0;
  /// Counts the attempt, and tells it in the job's history. Of a call that is no longer the holder's, and of
  /// an attempt that has been counted, nothing happens.
  virtual void end_hook_call(const HookEnding&, Done<void>) = 0;
  /// It is due at once; its attempts go on counting. Told in the job's history. Of a call that is not given
  /// up, or that has been tried since it was seen, nothing happens, and the answer is false; so it may be
  /// where an answer was lost.
  virtual void retry_hook_call(const HookRetry&, Done<bool>) = 0;

  /// Runs of which nothing was recorded for so long, by number; suspended ones wait for a person.
  virtual void stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit, Done<StalledPage>) = 0;
  virtual void record_stalls(const std::vector<NewStall>&, Done<void>) = 0;

  virtual void hook_calls(const HookCallFilter&, Done<HookCallPage>) = 0;
  /// Of those that are pending or given up.
  virtual void hook_counts(Done<std::vector<HookCount>>) = 0;
};

/// As the history has it: "hook", "event", "call", "attempt", "outcome", "error".
Value history_data(const HookEnding&);
/// "hook", "event", "call", "outcome" ("retry"), "who", "reason".
Value history_data(const HookRetry&);

}  // namespace baton::ports
