#pragma once

#include <memory>

#include "common/memory/ensemble.h"
#include "common/memory/job_board_mirror.h"

namespace baton::memory {

/// A MemoryJobBoard's requests as the ensemble carries them out: all that needs no knowledge of who asked but
/// its session. Copied into each request, so that one on its way outlives its sender. The ensemble must
/// outlive it.
class JobBoardTree {
 public:
  JobBoardTree(MemoryEnsemble& ensemble, std::string path, std::string owner)
      : ensemble_(&ensemble),
        path_(std::move(path)),
        owner_(std::move(owner)),
        mirror_(std::make_shared<JobBoardMirror>(ensemble, path_)) {}

  struct Listing {
    std::vector<JobBoardMirror::Change> changes;  // since the listing before
    std::map<std::string, std::int64_t> locks;    // of the session that asked: path of the job -> czxid
  };
  Listing listing(std::uint64_t session) const;
  void begin_anew() const { mirror_->clear(); }  // the next listing tells everything

  Result<ports::BoardIdentity, ports::BoardError> identity() const;
  Result<void, ports::BoardError> identify(const ports::BoardIdentity&) const;
  Result<std::int64_t, ports::BoardError> height(std::uint64_t session) const;
  Result<std::string, ports::BoardError> post(const Posting&) const;
  Result<ports::BoardClaim, ports::BoardError> claim(const std::string& path, std::uint64_t session) const;
  Result<void, ports::BoardError> unlock(const ports::BoardClaim&, std::uint64_t session) const;
  /// Job and lock go; with a reason into the trash.
  Result<void, ports::BoardError> remove(const ports::BoardClaim&, std::uint64_t session,
                                         const std::string* trash_reason) const;
  Result<void, ports::BoardError> trash_unreadable(const std::string& path) const;
  Result<std::string, ports::BoardError> owner(const std::string& path) const;
  Result<std::vector<ports::BoardJob>, ports::BoardError> list() const;

 private:
  bool holds(std::uint64_t session, const ports::BoardClaim&) const;
  std::string beside(const std::string& name) const { return path_.substr(0, path_.rfind('/')) + "/" + name; }
  void move_to_trash(const std::string& path, const std::string& data) const;

  MemoryEnsemble* ensemble_;
  std::string path_, owner_;
  std::shared_ptr<JobBoardMirror> mirror_;
};

}  // namespace baton::memory
