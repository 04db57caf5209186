#pragma once

#include <functional>
#include <map>
#include <vector>

#include "conductor/candidates.h"
#include "conductor/held_job.h"

namespace baton::conductor {

/// MissingJobs looks for jobs that have not ended and that the board does not have, though no generation is
/// new: somebody has removed their nodes. Nobody posts them again (that may have been meant); they are shown,
/// and an operator decides (PROTOCOL.md I23, H30). One conductor of a fleet looks, the one with the lowest
/// incarnation. Page after page with pauses between, so that a full store costs little; a job is shown when
/// two rounds in a row have missed it: between its record and its node there may be a moment.
/// A run that an order has begun and that is not on the board is posted: whoever recorded the order died, or
/// had no board, before its node was there. Posted twice it does no harm (PROTOCOL.md H14). Life: begin()
/// when the board's generation is known, harmless while it is at it; stop() when the session or the database
/// is lost.
class MissingJobs {
 public:
  MissingJobs(const JobServices&, const Candidates&);

  void begin(const std::vector<std::string>& folders);
  void stop();
  /// Whether it is we who look. Who has it again begins anew: what it had seen may be long ago.
  void ours(bool);

  std::vector<ParkedJob> shown() const;
  std::size_t count() const { return shown_.size(); }

 private:
  void begin_again();
  void next(Millis pause);
  void read_page();
  void look_at(const ports::UnfinishedPage&);
  bool stands(const ports::UnfinishedJob&) const;
  void end_round();
  void post_asked();

  JobServices with_;
  const Candidates& candidates_;
  std::vector<std::string> folders_;
  bool at_it_ = false, ours_ = false;
  std::uint64_t after_ = 0;
  std::map<JobId, ParkedJob> missed_, missed_before_, shown_;  // in this round, in the one before, in both
  std::map<JobId, Posting> unposted_;                          // runs asked for, of this round
  Alive alive_;
};

}  // namespace baton::conductor
