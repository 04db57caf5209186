#pragma once

#include <functional>
#include <map>
#include <set>

#include "common/memory/ensemble.h"
#include "common/ports/job_board.h"

namespace baton::memory {

/// What a MemoryJobBoard has told of: the difference to the tree is what it tells next.
class JobBoardMirror {
 public:
  using Change = std::function<void(ports::JobBoard::Listener&)>;

  JobBoardMirror(const MemoryEnsemble& ensemble, std::string path)
      : ensemble_(ensemble), path_(std::move(path)) {}

  /// New, claimed, freed, gone and unreadable nodes since the last call, oldest first; then stuck locks.
  std::vector<Change> compare();
  void clear() {
    told_.clear();
    stuck_.clear();
  }
  /// The path of a job that was told of; empty: none.
  std::string find(const JobId&, std::uint32_t run) const;
  /// Every readable job on the board now, oldest first.
  std::vector<ports::BoardJob> read() const;

 private:
  std::vector<std::string> job_paths() const;
  void compare_locks(std::vector<Change>&);
  bool is_locked(const std::string& path) const { return ensemble_.find(path + ".lock") != nullptr; }

  struct Told {
    std::int64_t czxid = 0;
    bool claimed = false;
    JobId uuid{};  // empty: unreadable
    std::uint32_t run = 0;
  };
  const MemoryEnsemble& ensemble_;
  const std::string path_;
  std::map<std::string, Told> told_;
  std::set<std::string> stuck_;  // jobs whose persistent lock was told of
};

}  // namespace baton::memory
