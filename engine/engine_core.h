#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/engine.h"
#include "engine/flow_book.h"
#include "engine/resolver.h"

namespace baton::engine {

/// A step may have one event for each atom: growing by doubling would take the facts' memory three times
/// over.
template <class Items>
void make_room(Items& items, std::size_t more) {
  const std::size_t needed = items.size() + more;
  if (needed > items.capacity()) items.reserve(std::max(needed, items.size() + items.size() / 2));
}

/// The engine's inside. A step handles its events in order, then goes in rounds: outcomes and resolutions,
/// then starts; a retry started in one round ends in the next (rounds.cc).
struct Engine::Core {
  Core(PlanPtr, Options, FlowState, std::vector<AtomRecord>, std::uint64_t last_seq, std::uint32_t run);

  void step(TimePoint now, std::span<const Event>, StepOutput&);
  bool may_start(AtomIndex) const;
  Request request(AtomIndex) const;

  // Events; each in the file that is named after what it begins.
  void on(const Started&);          // recovery.cc
  void on(const SuspendAsked&);     // orders.cc
  void on(const ResumeAsked&);      // orders.cc
  void on(const CancelAsked&);      // orders.cc
  void on(const RunAsked&);         // reruns.cc
  void on(const Placed&);           // starts.cc
  void on(const AtomFinished&);     // outcomes.cc
  void on(const HandedBack&);       // deliveries.cc
  void on(const DeliveryLost&);     // deliveries.cc
  void on(const DeliveryClosed&);   // deliveries.cc
  void on(const DeliveryStarted&);  // timers.cc
  void on(const TimerFired&);       // timers.cc

  void note_cancel(const CancelAsked&);
  void note_run(const RunAsked&);
  void answer(OrderId, std::string no_effect = {});
  std::string state_name() const;

  // Recovery: what a new engine over stored records does first (semantics.md 40).
  bool was_undone() const;
  bool was_cancelled(AtomIndex failed) const;
  void recover(Resolver::Asking = Resolver::Asking::Again);
  void reset_again(AtomIndex retry);
  void resend(AtomIndex);

  // A run that a person has asked for (reruns.cc).
  void begin_asked_run();
  std::string refuse_run(const RunAsked&) const;
  void begin_as(const RunAsked&);
  void settle(AtomIndex, const std::string& note);
  void settle_failed_reverts();
  void revert_again(AtomIndex, const std::string& note);
  void skip(AtomIndex, const std::string& note);
  void mark_done(AtomIndex, const std::string& note, const Value& result);
  void reset(AtomIndex first, AtomIndex count);
  enum class Keeping : std::uint8_t { Nothing, Success, Ignored };
  Keeping keeping_of(AtomIndex) const;
  void keep_what_succeeded();
  void count_retries_anew();
  void count_anew(AtomIndex retry);

  // Deliveries that are to end before their outcome counts (PROTOCOL.md H6).
  bool is_open(AtomIndex, Dispatch) const;
  bool counts(const DeliveryLost&);
  void close(AtomIndex, AtomRecord asked, Failure);
  void close_late(AtomIndex);
  bool is_late(AtomIndex) const;
  void end_closed(AtomIndex, const std::string& note);
  void end_in_failure(AtomIndex, Failure);

  // Timers.
  enum class TimerFor : std::uint8_t { Deadline, Abandon, Pause };
  void set_timer(AtomIndex, TimerFor, Millis after);
  void cancel_timer(AtomIndex);
  void arm_deadline(AtomIndex);
  Millis until(TimePoint) const;
  bool pauses(AtomIndex retry);

  // Starts.
  enum class Because : std::uint8_t { HandedBack, WorkerLost, WorkerLostUncharged };
  static std::string words_for(Because);
  void place_again(AtomIndex, Because = Because::HandedBack);
  void start_task(AtomIndex, const Placed&);
  void start_retry(AtomIndex);
  void fail_to_start(AtomIndex, AtomRecord running, Failure);
  Dispatch next_dispatch(AtomIndex) const;

  // Outcomes.
  void execution_succeeded(AtomIndex, Value);
  void execution_failed(AtomIndex, Failure);
  void resolve(AtomIndex failed, Resolver::Asking);
  bool awaits_grant() const;
  void revert_succeeded(AtomIndex, Value);
  void revert_failed(AtomIndex, Failure);
  bool is_forgiven(AtomIndex) const;  // it may fail to revert, and the rest is reverted all the same
  void revert_rest();
  void retry_ended(AtomIndex);

  // Rounds.
  void send_copies();
  void run_rounds();
  void end_started();
  void consider_new();
  void consider(AtomIndex);
  void ignore(AtomIndex, const std::vector<AtomRange>& behind);
  void offer();
  void end_if_over();
  void finish(FlowState);
  FlowState final_state() const;
  bool stuck() const;
  bool may_execute_more() const { return !stopping && !(cancelling && cancelling->keep); }
  std::size_t ready_count() const;
  std::size_t open_deliveries() const;

  const TaskSpec& task(AtomIndex) const;
  bool is_retry(AtomIndex atom) const { return book.plan().atoms[atom].kind == AtomKind::Retry; }
  bool awaits_place(AtomIndex atom) const { return replacing.contains(atom); }

  /// An atom in RUNNING or REVERTING that nobody works on: to be placed once more.
  struct Replacing {
    Because because = Because::HandedBack;
    bool offered = false;
  };
  /// An atom whose outcome is known without a worker; it comes in the next round. A retry without a failure
  /// runs its policy.
  struct Ending {
    AtomIndex atom = kNoAtom;
    std::optional<Failure> failure;
  };

  /// A send of a delivery, or the question whether its worker runs it.
  struct Copy {
    AtomIndex atom = kNoAtom;
    bool probe = false;
  };

  struct Timer {
    TimerKey key = 0;
    TimerFor what = TimerFor::Deadline;
  };
  struct Cancelling {
    std::string who, why;
    bool keep = false;
    bool begun = false;  // in this engine's life
  };

  struct AskedRun {
    RunAsked asked;
    bool begun = false;
    std::string no_effect;
  };

  const PlanPtr plan;
  const Options options;
  const std::uint32_t run;
  FlowBook book;
  Resolver resolver;

  std::uint32_t generation = 0;
  bool recovered = false;     // in this engine's life
  bool tells_parked = false;  // found SUSPENDED; to be said unless an order of this step wakes it
  bool stopping = false;      // a revert failed, or a failure may not be resolved: nothing new starts
  std::optional<Cancelling> cancelling;
  std::optional<AskedRun> asked_run;
  std::set<AtomIndex> awaiting_grant;  // failed, their retry exhausted; some may be reverted since
  std::map<AtomIndex, Replacing> replacing;
  std::vector<AtomIndex> unoffered;              // of `replacing`; some may have gone since
  std::map<AtomIndex, Failure> closing;          // asked to end; what it will have failed of
  std::map<AtomIndex, std::uint32_t> uncounted;  // losses by another's fault since one counted
  std::map<AtomIndex, Timer> timers;
  std::map<TimerKey, AtomIndex> timer_atoms;
  TimerKey last_timer = 0;
  std::vector<Ending> endings;
  std::vector<AtomIndex> startable;  // ready and not refused by a decider; to be offered
  std::vector<Copy> copies;          // of this step; only those whose delivery is still open go out
  TimePoint now{};
  std::size_t failed_unaided = 0;  // attempts that failed at this moment without any worker's help
  StepOutput* out = nullptr;
};

}  // namespace baton::engine
