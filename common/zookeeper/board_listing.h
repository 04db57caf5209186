#pragma once

#include <set>
#include <unordered_map>
#include <unordered_set>

#include "common/zookeeper/board_claims.h"
#include "common/zookeeper/stray_jobs.h"

namespace baton::zookeeper {

/// A mirror of the board, and who is told of it. One children watch; one listing under way and one
/// remembered, however many changes come (a posting, its lock and its removal fire the watch three times);
/// new nodes only are read; nothing is spent on a job already known but its name in the listing, and after a
/// long listing the next one waits, so that a full board that changes all the time costs a share of a core.
///
/// A listing every kFullListing makes up for a missed watch (PROTOCOL.md H34) and looks for locks that nobody
/// knows (H27); and, for a board that was spread over another number of folders once, for jobs in those that
/// are not listed. Nodes that are no posting are told of once and otherwise left alone.
class BoardListing : public std::enable_shared_from_this<BoardListing> {
 public:
  static constexpr Millis kFullListing{30'000};
  static constexpr Millis kRetry{1'000};     // after a listing that the server refused
  static constexpr Micros kPausePerName{5};  // after a listing; one of 200 names delays the next by 1 ms

  BoardListing(Session&, BoardPath, BoardHome&, BoardClaims&);

  void open(ports::JobBoard::Listener&);
  void close();
  bool is_open() const { return listener_ != nullptr; }

  void on_session() { refresh(true); }
  void on_reconnected() { refresh(true); }
  void on_disconnected();
  void on_session_lost();

  /// The path of a known node with this uuid and run; empty: none is known.
  std::string find(const JobId&, std::uint32_t run) const;
  /// How many listings have begun, and the number of the last one that was delivered whole.
  std::uint64_t begun() const { return begun_; }
  std::uint64_t last_whole() const { return last_whole_; }

 private:
  struct Entry {
    enum class State { Reading, Known, Unreadable };
    State state = State::Reading;
    ports::BoardJob job;  // path always; the rest when Known
    std::uint64_t seen_in = 0;
    bool lock_examined = false;
  };
  using Event = std::function<void(ports::JobBoard::Listener&)>;
  using Locks = std::unordered_set<std::string>;  // by the job's path

  void refresh(bool full);
  bool must_pause();
  void list();
  void on_names(const Result<std::vector<std::string>, Error>&);
  void compare(const std::vector<std::string>& names);
  void note_names(const std::vector<std::string>& names, const Locks& locks, std::vector<Event>&,
                  std::vector<std::string>& unread);
  void note_gone(std::vector<Event>&);
  void note_freed(const Locks& locks, std::vector<Event>&);
  void examine_locks(const Locks& locks);
  void read(std::vector<std::string> paths);
  void on_node(const std::string& path, const Result<Node, Error>&);
  void finish();
  bool is_stale();
  void give_up();
  void refused(const ports::BoardError&);
  void set_timer(Millis);
  void forget(const Entry&);
  bool deliver(const std::vector<Event>&);

  Session& session_;
  const BoardPath path_;
  BoardHome& home_;
  BoardClaims& claims_;
  const std::shared_ptr<StrayJobs> strays_;
  ports::JobBoard::Listener* listener_ = nullptr;

  std::unordered_map<std::string, Entry> entries_;  // by path
  std::unordered_multimap<std::string, std::string> path_of_uuid_;
  std::set<std::string> stuck_told_;  // locks without a session: told once
  std::uint64_t listing_ = 0;  // number of the one under way or of the last; stale answers have another
  std::uint64_t begun_ = 0, last_whole_ = 0;
  bool under_way_ = false, full_ = false;
  bool again_ = false, again_full_ = false;
  bool watching_ = false;
  bool first_is_over_ = false;  // of this session
  bool broken_ = false;         // a reading failed: what was not read is read in the next one
  ports::TimerId timer_ = 0;
  ports::TimerId pause_timer_ = 0;
  Micros paused_until_{0};  // steady
};

}  // namespace baton::zookeeper
