#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/model/fact.h"
#include "common/model/ids.h"
#include "common/model/job.h"
#include "common/model/limits.h"
#include "common/model/result.h"
#include "common/ports/flow_file_store.h"
#include "common/ports/hook_store.h"
#include "common/ports/order_record.h"
#include "common/ports/store_error.h"

namespace baton::ports {

/// A claimer's first act (PROTOCOL.md I2).
struct ClaimRequest {
  FlowId new_flow;  // used if the job is not known yet
  Posting posting;
  std::string board_path;
  std::string board_id;
  std::int64_t lock_czxid = 0;
  Incarnation conductor;
  std::string conductor_name;
  std::optional<TimePoint> posted_at;  // the node's ctime; unknown: now
  /// After a Duplicate: its recorded_path, if no node of this job stands there any more. The claim takes its
  /// place.
  std::string take_over_path;
};

/// What the store says to a claim. Only Owned lets the claimer work.
enum class ClaimVerdict {
  Owned,         // epoch raised; flow is ours; load it
  AlreadyFinal,  // this run or a later one has ended or begun: only remove the node from the board
  Duplicate,     // another board node is recorded for this uuid: if it still is there, remove this one
  OtherContent,  // known uuid, other content: trash with reason
  Refused        // a later claim exists, or an earlier run has not ended: forget it
};
struct ClaimOutcome {
  ClaimVerdict verdict = ClaimVerdict::Refused;
  FlowId flow;
  Epoch epoch;
  std::uint32_t run = 1;
  FlowState state = FlowState::Pending;
  std::string recorded_path;  // of Duplicate
  bool has_plan = false;      // the flow was compiled before
  std::uint32_t atoms = 0;    // … into so many
  TimePoint now{};            // the database's, when claimed
  bool has_orders = false;    // a load brings some
};

/// What the store knows of a board before anything is claimed there (PROTOCOL.md I1, H13).
struct BoardStanding {
  std::uint32_t generation = 0;
  std::int64_t highest_zxid = 0;  // of all its claims; a lower number given out now: the board went back
  std::int32_t marked = 0;        // as mark_board said last; its identity has a lower version: it went back
};
/// A generation's sweep of one board: what is not final here and not there is posted again (PROTOCOL.md H12).
struct Sweep {
  std::uint32_t generation = 0;
  std::string folder;  // the first of the board's: its name here
  Incarnation sweeper;
};
inline constexpr Millis kSweepLease{10'000};  // a sweeper that is not heard of for so long has died
enum class SweepTurn {
  Ours,      // until the lease is over; to be taken again before
  Anothers,  // who is at it
  Over       // it was done once: no more
};
struct UnfinishedJob {
  std::uint64_t number = 0;  // order of arrival
  Posting posting;           // of its run
  std::string board_path;
  FlowId flow;
  /// Its run has ended, and an order has begun the next one: the posting is that one's, and may never have
  /// been on the board.
  bool asked = false;
};
struct UnfinishedPage {
  std::vector<UnfinishedJob> jobs;      // by number
  std::vector<std::string> unreadable;  // uuids of those whose recorded posting cannot be read
  std::uint64_t last = 0;               // number of the last one looked at
  bool more = false;
};

/// Where a run's end stands among all ends, by when it was recorded; then by its job's order of arrival.
struct EndMark {
  TimePoint at{};
  std::uint64_t number = 0;
  auto operator<=>(const EndMark&) const = default;
};
/// A run that has ended, of which nobody has noted that its node has left the board.
struct UnnotedRemoval {
  JobId job;
  std::uint32_t run = 1;
  std::string board_path;
  EndMark end;
};
struct UnnotedPage {
  std::vector<UnnotedRemoval> jobs;  // by end
  EndMark last;                      // of the ends that were looked at
  bool more = false;
};

/// A flow as remembered. Atoms have the range facts applied.
struct FlowSnapshot {
  FlowId flow;
  Epoch epoch;
  FlowState state = FlowState::Pending;
  std::uint32_t run = 1;
  std::string plan;  // encoded; empty: not compiled yet
  std::vector<AtomRecord> atoms;
  std::uint64_t last_seq = 0;
  TimePoint now{};                  // the database's, when loaded
  std::vector<OrderRecord> orders;  // of this run, by id: open ones, and those cancels that were carried out
};

/// One step of one flow: all of it or nothing is remembered. One that ends the flow is a Conflict while an
/// order is open that it has not taken: what was acknowledged is carried out.
struct StepWrite {
  FlowId flow;
  Epoch epoch;
  std::vector<Fact> facts;
  /// With the first step of a new plan: the plan and its atoms' names are stored in the same transaction.
  std::optional<std::string> plan;
  std::vector<std::string> atom_names;
  std::vector<TakenOrder> orders;  // each is taken once: else it is a Conflict
  /// Calls of hooks that tell of what this step records: there with it, or not at all.
  std::vector<NewHookCall> hook_calls;
};

/// Answers for people are pages, bounded by rows and by the bytes of their values; at least one row is given.
/// Where a page ends the next one goes on.
inline constexpr std::size_t kPageBytesMax = 4 * kMiB;
inline constexpr std::size_t kPageRowBytes = 200;  // what a row counts besides its values
inline constexpr std::size_t kPageReadBytesMax =
    64 * kMiB;  // … of atoms, those values counted in that are only told by their size

/// A reader's view of a job (API).
struct JobSummary {
  JobId uuid;
  std::string name;
  Priority priority = Priority::Normal;
  std::optional<FlowId> flow;
  FlowState state = FlowState::Pending;
  std::uint32_t run = 1;
  std::string flow_name;           // factory's, stored flow file's or inline flow's
  std::uint32_t flow_version = 0;  // of a stored flow file; 0: it is none
  std::string conductor;           // name of the last claimer
  Epoch epoch;
  std::string board_path;
  std::optional<Failure> failure;
  TimePoint posted_at{}, updated_at{};
  std::optional<TimePoint> finished_at;
  std::uint32_t atoms = 0, atoms_done = 0;
  bool cancelling = false;  // its run has not ended, and somebody has asked for its cancel
};
inline constexpr std::size_t kSummariesMax = 1000;
struct JobFilter {
  std::vector<FlowState> states;     // any of them; none: all
  std::vector<Priority> priorities;  // the same
  std::string name_prefix;
  std::string flow_name;
  std::string conductor;                                // the last claimer's name
  std::optional<TimePoint> posted_since, posted_until;  // not before; before
  std::string after;  // cursor: what the page before returned; empty: the newest
  std::uint32_t limit = 50;
};
struct JobPage {
  std::vector<JobSummary> jobs;  // newest first
  std::string next;              // cursor; empty: no more
};
/// How a job ends that never became a flow, with the reason.
struct Refusal {
  FlowState state = FlowState::Rejected;  // or Trashed
  Failure why;
  /// Calls of hooks that tell of it: there with it, or not at all; none of what is trashed as other content.
  std::vector<NewHookCall> hook_calls = {};
};

/// A board node that stands for no job: unreadable, or other content under a known uuid.
struct TrashedNode {
  std::string board_path;
  std::string why;
  TimePoint seen_at{};
};
struct TrashedPage {
  std::vector<TrashedNode> nodes;  // by path, the last first: a board numbers its nodes upwards
  bool more = false;
};
struct AtomView {
  AtomIndex index = 0;
  std::string name;
  AtomRecord record;
  std::optional<TimePoint> started_at, ended_at;                // of the last attempt, from its row
  std::size_t result_left_out = 0, revert_result_left_out = 0;  // bytes; 0: it is in the record
};
/// Which of a job's atoms are asked for.
struct AtomPage {
  std::uint64_t first = 0;
  std::uint64_t limit = kAtomsPerFlowMax;       // 0: no atoms, and no plan
  std::size_t value_bytes_max = kPageBytesMax;  // larger results are left out
};
struct JobDetail {
  JobSummary summary;
  Posting posting;
  std::string plan;  // encoded; empty: none
  std::vector<AtomView> atoms;
  bool more = false;                // there are atoms behind the last one
  std::vector<OrderRecord> orders;  // that are open, by id
};
/// Several atoms at once: what is planned for them changed; with reset they are also PENDING again.
struct HistoryRange {
  std::string first, last;  // names, in definition order
  std::uint32_t atoms = 0;
  bool reset = false;
};
struct HistoryClaim {
  std::string conductor;
  Epoch epoch;
};
struct HistoryRow {
  std::uint64_t id = 0;  // grows; cursor of the stream
  TimePoint at{};
  std::uint32_t run = 1;
  std::uint64_t seq = 0;
  std::string atom;   // empty: the flow itself, or the range
  std::string state;  // new state of the atom or the flow; empty: it has none new
  std::string intention;
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  std::string worker;
  Value data;  // {"result": …} | {"failure": …} | {"note": …}
  std::optional<HistoryRange> range;
  std::optional<HistoryClaim> claim;
  std::optional<HistoryOrder> order;  // taken by the step whose rows follow
};
struct HistoryPage {
  std::vector<HistoryRow> rows;  // oldest first
  bool more = false;
};

/// One delivery, as who still has an answer to it names it.
struct DeliveryRef {
  FlowId flow;
  std::string atom;
  Dispatch dispatch = 0;
  auto operator<=>(const DeliveryRef&) const = default;
};
inline constexpr std::size_t kDeliveriesAskedMax = 1000;

/// A row of any job's history: for a stream over all jobs.
struct EventRow {
  JobId job;
  HistoryRow row;
};
struct EventPage {
  std::vector<EventRow> rows;  // ascending by id
  std::uint64_t last_id = 0;   // of the last row; without rows: the newest id that there is (0: none)
  bool more = false;
};
/// As after_id of events(): no rows, only where the history ends now.
inline constexpr std::uint64_t kFromNow = ~std::uint64_t{0};

/// Where flows are remembered. A write that returned ok survives the death of this process. Owner's thread
/// only; callbacks on it, never inline. Writes of many flows share commits; at most one write of one flow may
/// be under way.
class FlowStore : public FlowFileStore {
 public:
  struct Listener {
    virtual ~Listener() = default;
    /// The store does not answer (every call ends with Unavailable at once) / answers again. Reachable until
    /// it says otherwise.
    virtual void on_reachable(bool reachable) = 0;
    /// It is not the database that it was (other system id or timeline: restored, or failed over): free all
    /// claims and claim afresh.
    virtual void on_another_database(const std::string& what) = 0;
    /// Somebody has recorded an order for this flow (anybody's, also one that nobody here holds). Comes
    /// behind the answer to a claim that had not seen it.
    virtual void on_order(const FlowId&) {}
    /// Some may not have been told.
    virtual void on_orders_missed() {}
  };

  /// At most one; it must outlive the store. Stores that are always there say nothing.
  virtual void listen(Listener&) {}

  /// Schema version, primary, durability settings; a clear message where they do not fit.
  virtual void check(Done<void>) = 0;

  /// Before the claims of a board session. The generation is not below `noted`, which the board remembers: a
  /// database that has forgotten its last commits, or is another, gives a higher one than was ever at work.
  virtual void meet_board(const std::string& board_id, std::uint32_t noted, Done<BoardStanding>) = 0;
  /// The board's identity has been written so often.
  virtual void mark_board(const std::string& board_id, std::int32_t version, Done<void>) = 0;
  /// Takes or keeps the turn of sweeping; `end_sweep` only by whose turn it is.
  virtual void take_sweep(const Sweep&, Done<SweepTurn>) = 0;
  virtual void end_sweep(const Sweep&, Done<void>) = 0;
  /// Jobs of a board that have not ended, or that an order has begun to run again, in pages (by rows and by
  /// the bytes of the postings).
  virtual void unfinished(const std::vector<std::string>& folders, std::uint64_t after, std::uint32_t limit,
                          Done<UnfinishedPage>) = 0;

  virtual void claim(const ClaimRequest&, Done<ClaimOutcome>) = 0;
  virtual void load(FlowId, Epoch, Done<FlowSnapshot>) = 0;
  /// Fenced by the epoch. A repeated or stale batch changes nothing and adds no history.
  virtual void append(StepWrite, Done<void>) = 0;
  /// The job's node has been removed from the board.
  virtual void mark_removed(const JobId&, std::uint32_t run, Done<void>) = 0;
  /// Jobs of a board that have ended, and that mark_removed has not been said of; `limit` ends are looked at.
  virtual void unnoted_removals(const std::vector<std::string>& folders, const EndMark& after,
                                std::uint32_t limit, Done<UnnotedPage>) = 0;
  /// By uuid, or by path if unreadable.
  virtual void record_refused(const ClaimRequest&, const Refusal&, Done<void>) = 0;
  virtual void record_unreadable(const std::string& board_path, const std::string& why, Done<void>) = 0;

  /// Those of the deliveries (at most kDeliveriesAskedMax) whose outcome nobody waits for any more: it is
  /// recorded, a later delivery was made, or the flow has ended or is not known. Not those of a flow at work
  /// that are later than any on record: the database has lost its last commits, and the flow's next owner may
  /// still hear them.
  virtual void settled(const std::vector<DeliveryRef>&, Done<std::vector<DeliveryRef>>) = 0;

  /// What people ask of a job: recorded, then acknowledged (PROTOCOL.md I21); never for a run that has ended.
  virtual void order(const OrderRequest&, Done<OrderOutcome>) = 0;
  /// Those of these flows (at most kFlowsAskedMax) that are open, by id.
  virtual void open_orders(const std::vector<FlowId>&, Done<std::vector<FlowOrder>>) = 0;
  /// All of a job. NotFound: neither the job nor an order of it is known.
  virtual void orders(const JobId&, std::uint32_t limit, Done<OrderPage>) = 0;

  virtual void list(const JobFilter&, Done<JobPage>) = 0;
  /// Those of the jobs that are known here, in any order; at most kSummariesMax are asked for.
  virtual void summaries(const std::vector<JobId>&, Done<std::vector<JobSummary>>) = 0;
  /// Those before a path (bytewise); empty: from the last one on.
  virtual void trashed_nodes(const std::string& before_path, std::uint32_t limit, Done<TrashedPage>) = 0;
  virtual void show(const JobId&, const AtomPage&, Done<JobDetail>) = 0;
  virtual void history(const JobId&, std::uint64_t after_id, std::uint32_t limit, Done<HistoryPage>) = 0;
  /// The history of all jobs after an id. One job's rows become visible in the order of their ids; of two
  /// jobs a lower id may become visible after a higher one (two writers): who follows looks out for gaps.
  virtual void events(std::uint64_t after_id, std::uint32_t limit, Done<EventPage>) = 0;

  /// Its calls of hooks; null: it remembers none, and steps ask for none.
  virtual HookStore* hooks() { return nullptr; }
};

}  // namespace baton::ports
