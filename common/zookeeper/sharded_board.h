#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/zookeeper/job_board.h"

namespace baton::zookeeper {

/// The shard that a job is posted to: CRC-32 (IEEE) of its uuid's bytes, modulo their number. Whoever else
/// posts may choose any; by the same rule a uuid that is posted twice is found.
std::size_t shard_of(std::string_view uuid, std::size_t shards);

/// One board that is spread over several folders of ZooKeeper, for so many jobs that the listing of one
/// folder would be too long: a change costs a listing of its shard only. All shards have one session and one
/// id. Listed each time that every shard has been listed since the last time; gone when the session is.
class ShardedJobBoard final : public ports::JobBoard {
 public:
  struct Settings {
    std::vector<BoardPath> shards;  // 1 to kShardsMax
    std::string owner;
    Incarnation incarnation;
  };
  ShardedJobBoard(Session&, const Settings&, ports::Entropy&);
  ~ShardedJobBoard() override;

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
  void close() override;

 private:
  struct Shard;
  struct Gathering;
  JobBoard& board_of(const std::string& path);
  void listed(Shard&);
  void none_listed();

  std::vector<std::unique_ptr<Shard>> shards_;
  Listener* listener_ = nullptr;
};

}  // namespace baton::zookeeper
