#include "common/zookeeper/boards.h"

#include "common/zookeeper/sharded_board.h"

namespace baton::zookeeper {

Result<BoardPaths, std::string> board_paths(const std::string& path, std::int64_t shards) {
  const auto board = BoardPath::parse(path);
  if (!board.ok()) return Fail("conductor.board_path: " + board.error());
  if (shards <= 1) return BoardPaths{*board};
  BoardPaths paths;
  for (std::int64_t n = 0; n < shards; ++n) {
    auto shard = board->shard(static_cast<std::size_t>(n), static_cast<std::size_t>(shards));
    if (!shard.ok()) return Fail("conductor.board_shards: " + shard.error());
    paths.push_back(std::move(shard).value());
  }
  return paths;
}

std::unique_ptr<ports::JobBoard> make_board(Session& session, const BoardPaths& paths,
                                            const std::string& owner, const Incarnation& self,
                                            ports::Entropy& entropy) {
  if (paths.size() == 1)
    return std::make_unique<ZooKeeperJobBoard>(session, ZooKeeperJobBoard::Settings{paths[0], owner, self},
                                               entropy);
  return std::make_unique<ShardedJobBoard>(session, ShardedJobBoard::Settings{paths, owner, self}, entropy);
}

}  // namespace baton::zookeeper
