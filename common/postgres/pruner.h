#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/flow_store.h"
#include "common/postgres/blocking_connection.h"

namespace baton::postgres {

/// Bounds of a prune: each of its transactions is over in a fraction of a second (portion.h), so that none of
/// them holds up a commit, or vacuum.
inline constexpr std::chrono::hours kPruneAgeMin{24};  // what has just ended, people still look at
inline constexpr int kPruneJobsPerCommitMax = 500;
inline constexpr int kPruneAtomsPerCommitMax = 10'000;
inline constexpr int kPruneRowsPerCommitMax = 10'000;  // of the history, where it cannot go by partition
inline constexpr int kPruneLookMax = 10'000;           // jobs looked at together
inline constexpr int kPruneCountMax = 100'000;         // rows of a week that the server has no count of
inline constexpr int kPruneLockTriesMax = 100;         // for a moment without anybody in a table
inline constexpr LockPatience kPrunePatience{Millis{200}, Millis{300}, kPruneLockTriesMax};
inline constexpr Millis kPruneStatementTimeout{10'000};  // a server that is stuck

struct PruneRequest {
  std::string conninfo, schema;
  std::chrono::seconds older_than{};  // refused under kPruneAgeMin
  bool dry_run = false;
  LockPatience patience = kPrunePatience;
};

/// A week of the history that lies before the time asked for.
struct PrunedPartition {
  std::string name;
  std::int64_t rows = 0;         // as the server counts them roughly; else kPruneCountMax at most
  std::int64_t bytes = 0;        // indices too
  std::string kept_for;          // uuid of a job that stays and has rows there; empty: it goes
  std::int64_t pruned_rows = 0;  // of one that stays: rows of jobs that are gone
  bool busy = false;             // it should have gone, but the history was never free for a moment
};

/// Ended before then, too, and stay.
struct StayingJobs {
  std::int64_t jobs = 0;
  std::string first;  // uuid of one
};

struct PruneOutcome {
  std::string before;  // jobs that ended before then; ISO 8601
  std::int64_t jobs = 0, atoms = 0;
  StayingJobs busy;       // over, but others held them, or they became so meanwhile; the next prune's
  StayingJobs on_board;   // their nodes may still be there
  StayingJobs for_order;  // a person has ordered something that nobody has taken yet
  StayingJobs for_call;   // a call of a hook is still to be made
  std::vector<PrunedPartition> partitions;
  std::int64_t default_rows =
      0;  // of jobs that are gone, from history_default, which stays; no dry run looks
};

/// Why jobs of this age do not go yet; nothing: they may.
std::optional<std::string> too_young(std::chrono::seconds older_than);

/// Removes what is over: jobs that ended long ago (not what has an open order or a call of a hook still to be
/// made, nor a node that may still be on the board), with their atoms, plans and calls of hooks, in small
/// commits, passing over what another session holds; and the history by whole partitions, each as
/// soon as no job that stays has rows in it. Where one does, the rows of the others go in small commits.
///
/// May be ended at any moment, and run beside conductors: the next one goes on where it stopped. With dry_run
/// it only counts. A uuid that is posted again afterwards is a new job. Blocks; for `baton admin prune` and
/// tests.
Result<PruneOutcome, ports::StoreError> prune(const PruneRequest&);

}  // namespace baton::postgres
