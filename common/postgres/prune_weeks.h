#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/postgres/prune_step.h"
#include "common/postgres/pruner.h"

namespace baton::postgres {

/// The part of a prune that is about the history. A week that no job needs any more goes whole. One that some
/// job keeps is walked through once, as soon as it is over: the rows of flows that are gone go, and the week
/// is noted in pruned_weeks. From then on it loses the rows of each flow that goes, by the flow, so that a
/// job which stays for a year costs no reading of its week every day. The default partition is like such a
/// week.
class PruneWeeks {
 public:
  PruneWeeks(BlockingConnection&, std::string before, const PruneRequest&);

  /// The rows that the first so many of pruned_flows have in weeks that are noted.
  void remove_of_pruned(std::int64_t flows);
  std::vector<PrunedPartition> look();
  /// How many rows of jobs that are gone have gone from the default partition.
  std::int64_t clean_default() { return clean("history_default"); }

 private:
  PrunedPartition look_at(const BlockingConnection::Row&);
  std::string who_keeps(const std::string& part);
  std::int64_t clean(const std::string& part);
  std::int64_t walk_through(const std::string& part);
  std::int64_t count_of_over(const std::string& part);
  bool drop(const std::string& part, bool attached);
  bool try_to_drop(const std::string& part, bool& attached);

  BlockingConnection& database_;
  const std::string before_;
  const bool dry_run_;
  std::map<std::string, std::int64_t> noted_;  // before this prune; and how many rows have gone by it
  Portion rows_{kPruneRowsPerCommitMax};
};

}  // namespace baton::postgres
