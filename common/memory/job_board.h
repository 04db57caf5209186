#pragma once

#include <memory>

#include "common/memory/session.h"
#include "common/ports/job_board.h"

namespace baton::memory {

/// The board in memory: the same promises as the one in ZooKeeper (one contract test for both), on a
/// MemoryEnsemble that several sessions share. A request made while the link is cut is Unavailable at once.
/// The session must outlive it.
class MemoryJobBoard final : public ports::JobBoard {
 public:
  struct Settings {
    std::string path = "/taskflow/jobs";
    std::string owner = "conductor";
  };
  MemoryJobBoard(MemorySession&, Settings);
  ~MemoryJobBoard() override;

  void open(Listener&) override;
  void post(const Posting&, Done<std::string>) override;
  void identity(Done<ports::BoardIdentity>) override;
  void identify(const ports::BoardIdentity&, Done<void>) override;
  void height(Done<std::int64_t>) override;
  void claim(const std::string& path, Done<ports::BoardClaim>) override;
  void abandon(const ports::BoardClaim&, Done<void>) override;
  void consume(const ports::BoardClaim&, Done<void>) override;
  void trash(const ports::BoardClaim&, const std::string& reason, Done<void>) override;
  void trash_unreadable(const std::string& path, const std::string& reason, Done<void>) override;
  void owner(const std::string& path, Done<std::string>) override;
  void list(Done<std::vector<ports::BoardJob>>) override;
  /// As a board that is laid out otherwise than this process was told; empty: it is as it was told.
  void refuse(std::string why);
  /// Claims are answered so; nullopt: as they go.
  void fail_claims(std::optional<ports::BoardErrorCode>);
  /// So many jobs stand in a folder that is not listed.
  void stray(const std::string& folder, std::size_t jobs);
  /// Closes the session, also for the directory that shares it.
  void close() override;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace baton::memory
