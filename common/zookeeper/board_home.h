#pragma once

#include <memory>

#include "common/ports/entropy.h"
#include "common/ports/job_board.h"
#include "common/zookeeper/board_id.h"
#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// How long a verb waits for a connection before it says Unavailable.
inline constexpr Millis kConnectionWait{10'000};
/// How often a verb reads back and tries again after lost replies before it says Unavailable.
inline constexpr int kTriesMax = 10;

/// A border's word for ZooKeeper's error; ConnectionLoss only where a verb has given up reading back.
ports::BoardError to_board_error(const Error&);
/// What await_connection's "no" means to a verb.
ports::BoardError no_connection(const Session&);

/// What a board stands on: its folder, its trash and its id, made where missing, once a session.
/// The id is a node of its own, made by whoever comes first. After a wipe there is a new one, and where a
/// backup was restored it is replaced: so Postgres knows that older lock numbers say nothing (PROTOCOL.md
/// H12, H13). Beside it stands the highest generation that was at work here (H17), and over how many folders
/// the board is spread: for who is told another number every verb that needs the home is Refused.
class BoardHome : public std::enable_shared_from_this<BoardHome> {
 public:
  template <class T>
  using Done = ports::JobBoard::Done<T>;
  using Ready = Done<ports::BoardIdentity>;

  BoardHome(Session& session, BoardPath path, ports::Entropy& entropy)
      : session_(session), path_(std::move(path)), entropy_(entropy) {}

  /// Waits for a connection, sees to it that all is there, and calls with the id as read in this session.
  void ready(Ready);
  /// As ready(), but with what the id node says from now on; read once for all who ask meanwhile.
  void look_again(Ready);
  /// Somebody deleted the folder, or wrote another id: look again at the next ready().
  void doubt() {
    prepared_for_ = 0;
    ++doubts_;
  }
  /// As JobBoard says.
  void identity(Ready);
  void identify(const ports::BoardIdentity&, Done<void>);
  void height(Done<std::int64_t>);

 private:
  void prepare();
  void look(std::uint64_t number);
  void make_folders(std::uint64_t number);
  void read_id(std::uint64_t number);
  void judge(std::uint64_t number, const Node&);
  void create_id(std::uint64_t number);
  void begin_next_look();
  void finish(std::uint64_t number, Result<ports::BoardIdentity, ports::BoardError>);

  Session& session_;
  const BoardPath path_;
  ports::Entropy& entropy_;
  std::uint64_t prepared_for_ = 0;              // the session in which known_ was read
  std::uint64_t doubts_ = 0, doubts_seen_ = 0;  // what came since the look began is not answered by it
  ports::BoardIdentity known_;
  std::map<std::string, std::size_t> shards_;  // of all boards of this parent, as read with it
  std::vector<Ready> waiting_;                 // not empty: a preparation is under way
  std::vector<Ready> next_;                    // asked since it began, for what is there now
};

}  // namespace baton::zookeeper
