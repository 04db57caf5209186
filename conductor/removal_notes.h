#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conductor/candidates.h"
#include "conductor/held_job.h"

namespace baton::conductor {

/// RemovalNotes notes late that an ended job's node has left the board. Whoever removes the node notes it as
/// a rule (held_job.h); where he died just then, or the store was away for longer than he tried, nobody else
/// would, and the job could never be pruned (PROTOCOL.md I22, H32). One conductor of a fleet looks. A job is
/// noted when two looks in a row have found it ended and not on the board, under whichever path: what is on
/// its way there, or was missed by a watch, has been listed between them. Looks begin where all earlier ends
/// have been noted, and a little before; the first one of a program at the first end that there is: of a
/// million ends it takes some four minutes. In pages. Life: begin() when the board's generation is known,
/// harmless while it is at it; stop() when the session is lost, forget() when the database is another one.
class RemovalNotes {
 public:
  RemovalNotes(const JobServices&, const Candidates&);

  void begin(const std::vector<std::string>& folders);
  void stop();
  void forget() { noted_until_ = {}; }
  /// Whether it is we who look; nobody does while jobs of the board stand where nobody lists them.
  void ours(bool ours) { ours_ = ours; }

 private:
  void next(Millis pause);
  void read_page();
  void look_at(const ports::UnnotedPage&);
  void forget_listed();
  void note(const ports::UnnotedRemoval&);
  void end_round();
  void begin_again();

  JobServices with_;
  const Candidates& candidates_;
  std::vector<std::string> folders_;
  bool at_it_ = false, ours_ = false;
  ports::EndMark noted_until_;  // of earlier ends none is to be noted
  // ---- of this round
  ports::EndMark after_;  // the last end that was looked at
  std::optional<ports::EndMark> first_unnoted_;
  using Gone = std::map<JobId, ports::UnnotedRemoval>;
  Gone gone_, gone_before_;  // in this round, in the one before
  Alive alive_;
};

}  // namespace baton::conductor
