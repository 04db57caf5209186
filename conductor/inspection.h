#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "common/model/job.h"
#include "common/model/states.h"
#include "common/model/time.h"
#include "common/ports/directory.h"
#include "common/runtime/unreadables.h"
#include "conductor/hook_book.h"

/// What a conductor can show of itself while it works: things that are in its memory only. What is remembered
/// (states, results, history) is asked of the FlowStore. Plain data, copied out; the API turns it into JSON.
namespace baton::conductor {

/// Longer lists of atoms are cut there; the counts beside them are whole.
inline constexpr std::size_t kShownAtomsMax = 1000;

/// An atom that could start and waits.
struct WaitingAtom {
  std::string name;
  std::string task_type;
  Intention intention = Intention::Execute;
  Millis waiting_for{0};
  std::string
      reason;  // "no worker advertises 'server.create'", "all 3 fitting workers are full (24 of 24)", …
};

/// An atom whose delivery is out.
struct RunningAtom {
  std::string name;
  Intention intention = Intention::Execute;
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  std::string worker_name;
  Incarnation worker;
  bool acknowledged = false;  // the worker has said that it holds it
  bool started = false;       // … and that it runs
  std::uint32_t resends = 0;
  Millis out_for{0};  // since this conductor sent it first
  double progress = 0;
  std::string progress_note;
};

/// A job that this conductor holds.
struct LiveFlow {
  JobId job;
  std::string name;
  std::string board_path;
  FlowId flow;
  Epoch epoch;
  std::uint32_t run = 1;
  FlowState state = FlowState::Pending;
  std::string phase;  // "claiming", "loading", "working", "finishing", "parked: <why>"
  std::size_t atoms = 0, atoms_done = 0;
  std::size_t running_count = 0, waiting_count = 0;
  std::vector<RunningAtom> running;  // at most kShownAtomsMax
  std::vector<WaitingAtom> waiting;  // at most kShownAtomsMax
};

/// A job on the board that this conductor could work on but does not.
struct LeftAloneJob {
  JobId job;
  std::string name;
  std::string board_path;
  std::string reason;
  std::uint32_t tries = 0;
  Millis next_try_in{0};
};

/// A job whose node is gone from the board though it has not ended: an operator decides (PROTOCOL.md H30).
struct ParkedJob {
  JobId job;
  FlowId flow;
  std::string board_path;
  std::string reason;
  TimePoint since{};
  std::string name;
};

struct WorkerView {
  ports::Advert advert;
  std::uint32_t outstanding = 0;  // deliveries of this conductor that are there
  std::uint32_t room = 0;         // how many more this conductor would place there now
};

struct Counters {
  std::uint64_t jobs_claimed = 0, claims_lost = 0, claims_refused = 0, jobs_finished = 0, jobs_freed = 0,
                jobs_refused = 0;
  std::uint64_t steps = 0, facts = 0, atoms_finished = 0;
  std::uint64_t requests_sent = 0, request_messages = 0, requests_resent = 0;
  std::uint64_t reply_messages = 0, answers = 0, answers_stale = 0, deliveries_lost = 0, handed_back = 0;
  std::uint64_t reloads = 0;
  std::uint64_t boards_restored = 0, sweeps = 0, jobs_reposted = 0;
  std::uint64_t orders_taken = 0;
  std::uint64_t hook_calls_recorded = 0, hook_calls_done = 0, hook_calls_failed = 0, hook_calls_given_up = 0;
  runtime::UnreadableCounts unreadable;
};

/// Numbers of now.
struct Gauges {
  std::size_t flows = 0, atoms = 0, running = 0, waiting = 0, board_jobs = 0, candidates = 0;
  std::size_t left_alone = 0, parked = 0;
  std::size_t workers = 0, conductors = 0;
  std::size_t hook_calls = 0;                      // being made
  bool board = false, store = false, bus = false;  // reachable
  bool draining = false;
  std::string claiming_paused;  // why nothing new is claimed; empty: it is
};

/// The read model of one conductor process. Owner's thread only; every answer is a copy.
class Inspection {
 public:
  virtual ~Inspection() = default;
  virtual ports::Member self() const = 0;
  virtual std::vector<LiveFlow> flows() const = 0;  // without the atoms' lists
  virtual std::optional<LiveFlow> flow(const JobId&) const = 0;
  virtual std::vector<LeftAloneJob> left_alone() const = 0;
  virtual std::vector<ParkedJob> parked() const = 0;
  virtual std::vector<WorkerView> workers() const = 0;
  virtual std::vector<ports::Member> conductors() const = 0;
  virtual Counters counters() const = 0;
  virtual Gauges gauges() const = 0;
  /// That this conductor has; null: none.
  virtual const HookBook* hooks() const { return nullptr; }
  /// One call of a hook, with a document that says that it is a test. False: there is no such hook.
  virtual bool test_hook(const std::string& /*name*/, std::function<void(const std::string& error)>) {
    return false;
  }
};

}  // namespace baton::conductor
