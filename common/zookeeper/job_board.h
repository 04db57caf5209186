#pragma once

#include <memory>

#include "common/ports/entropy.h"
#include "common/ports/job_board.h"
#include "common/zookeeper/board_path.h"

namespace baton::zookeeper {

class Session;

/// TaskFlow's zookeeper jobboard on the wire (interop/jobboard-wire.md), with a stricter idea of ownership: a
/// claim is a lock of this session with this czxid, whatever its owner is called.
/// At most one board object of a path in a session: a lock of the session that it does not know is removed.
/// Session and entropy must outlive it; callbacks of an object that is gone are dropped.
/// A verb waits up to 10 s for a connection, then it is Unavailable.
class ZooKeeperJobBoard final : public ports::JobBoard {
 public:
  struct Settings {
    BoardPath path;
    std::string owner;  // who claims, as other claimers and people see it; not empty
    Incarnation incarnation;
  };
  ZooKeeperJobBoard(Session&, Settings, ports::Entropy&);
  ~ZooKeeperJobBoard() override;

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
  /// Closes the session, also for the directory that shares it.
  void close() override;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace baton::zookeeper
