#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/ports/directory.h"
#include "common/ports/job_board.h"
#include "conductor/bounds.h"
#include "conductor/claim_order.h"
#include "conductor/inspection.h"

namespace baton::conductor {

/// Which of the board's jobs this conductor should try next. A job belongs to one of the live conductors, who
/// tries it at once; the others wait foreign_delay, less when they have nothing else to do. What is ready
/// comes by claim_order.h. Jobs that could not be run here are left alone for a pause that doubles, and that
/// another conductor's try in vain does not end (only its death does: then nobody has the job); one too large
/// to be held beside the others waits for room, the smallest first; but one of ours that has waited for
/// room_patience is first in line, and room is kept for it. Pure bookkeeping: told the time, asks nobody. No
/// cost per job already known.
class Candidates {
 public:
  explicit Candidates(const Bounds& bounds) : bounds_(bounds), order_(bounds.foreign_lag) {}

  void self(const Incarnation& self) { order_.self(self); }
  void conductors(const std::vector<ports::Member>&, Micros now);

  /// As the board says: free or claimed. For one that is being asked for or held it counts once we let go.
  void seen(const ports::BoardJob&, Micros now);
  /// Its node is no more. One that is being asked for or held is forgotten once we let go of it.
  void gone(const std::string& path);
  /// All that has changed has been told.
  void listed() { lost_race_.clear(); }
  void clear();  // session lost: the board tells everything anew

  /// The next to claim, moved to "asked"; nullopt: none is due. `idle`: we hold nothing.
  std::optional<ports::BoardJob> next(Micros now, bool idle);
  /// When next() may have one, if it has none now.
  std::optional<Micros> due(bool idle) const;

  /// The claim succeeded. False: the board has said meanwhile that the node which was asked for is gone.
  bool held(const std::string& path, Micros now);
  /// So many atoms can be held now: those that waited for that are tried again. While room is kept for one,
  /// next() has none: for room_kept_max at most, as long as room grows within room_patience, and no longer
  /// than until a conductor ends.
  void room(std::size_t atoms, Micros now);
  const ports::BoardJob* room_kept_for() const;  // null: for none
  // ---- letting go of what was asked for or held
  void taken(const std::string& path, Micros now);   // it is another's, or ended
  void missed(const std::string& path, Micros now);  // its node is gone, whether the board has said so or not
  void retry(const std::string& path, Micros at);    // free: try it again then
  /// The store gives it to another though its lock was free, or did not commit its claim clearly. Shown when
  /// that goes on; `jitter` in [0, 1).
  void refused(const std::string& path, std::string reason, Micros now, double jitter);
  /// Could not be run here.
  void leave_alone(const std::string& path, std::string reason, Micros now, double jitter);
  void no_room(const std::string& path, std::size_t atoms, std::string reason, Micros now);

  const ports::BoardJob* find(const std::string& path) const;  // null: not on the board
  void each(const std::function<void(const ports::BoardJob&)>&) const;
  /// What it was too large with when it was tried last; 0: not known.
  std::size_t atoms(const std::string& path) const;
  std::vector<LeftAloneJob> left_alone(Micros now) const;
  std::size_t left_alone_count() const { return left_alone_; }
  std::size_t waiting() const { return ready_.size() + helped_.size() + foreign_.size(); }
  std::size_t known() const { return jobs_.size(); }

 private:
  enum class State { New, Ready, Foreign, Pausing, NoRoom, Asked, Held, Taken };
  struct Job {
    ports::BoardJob posted;
    State state = State::New;
    Micros since{0};  // first seen free, the end of its pause, or held
    // what the board said while it was asked for or held
    bool freed_meanwhile = false;
    bool gone_meanwhile = false;     // … and no other node has come to its place
    bool renewed_meanwhile = false;  // another node has
    bool pausing_on = false;         // its pause goes on after another conductor has had it
    std::uint32_t tries = 0;
    std::string reason;
    std::size_t atoms = 0;
    std::optional<Micros> wants_room_since;
    bool in_line = false;     // as NoRoom: it is ours
    bool ahead = false;       // as Ready: before all others
    bool ours = false;        // as Ready …
    ClaimOrder::Place place;  // … in line
  };
  using Order = std::tuple<ClaimOrder::Place, std::string>;  // place, path
  using Timed = std::pair<Micros, std::string>;

  bool mine(const JobId& job) const { return order_.mine(job); }
  Job* let_go(const std::string& path);
  void pause(const std::string& path, Job&, Millis first, Micros now, double jitter);
  void leave(const std::string& path, Job&);
  static bool shown(const Job&);
  void enter(const std::string& path, Job&, State);
  void offer(const std::string& path, Job&, Micros now);
  void let_go_by_other(const std::string& path, Job&, Micros now);
  void conductor_ended(Micros now);
  std::string first_in_line(Micros now);
  Micros kept_until() const;
  void keep_no_longer(Micros now);
  bool none_ready() const { return ready_.empty() && helped_.empty(); }
  const std::set<Order>* next_in_line() const;
  void note_race_lost(const std::string& path, const Job&);
  Millis foreign_delay(bool idle) const { return idle ? bounds_.foreign_delay_idle : bounds_.foreign_delay; }

  const Bounds& bounds_;
  ClaimOrder order_;
  std::optional<Micros> conductor_ended_;  // a conductor was last missing from the picture
  std::map<std::string, Job> jobs_;
  std::set<Order> ready_, helped_;  // ours, and others'
  std::string lost_race_;           // for this one of another's: until we are told, others' wait for ours
  std::set<Timed> foreign_;         // by first seen
  std::set<Timed> pausing_;         // by end of pause
  std::set<std::pair<std::size_t, std::string>> no_room_;  // by atoms
  std::set<Timed> in_line_;                                // of them, ours: by when they first wanted room
  std::string kept_for_;                                   // one of these, or empty …
  Micros kept_since_{0};
  Micros rest_until_{0};  // … and so long for none: the last one did not come to it, or a conductor ended
  std::uint32_t kept_in_vain_ = 0;  // times in a row
  std::size_t room_ = 0;            // as told last
  Micros room_grew_{0};             // since the keep began
  std::size_t left_alone_ = 0;
};

}  // namespace baton::conductor
