#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/ports/entropy.h"
#include "common/ports/job_board.h"
#include "common/zookeeper/board_path.h"

namespace baton::zookeeper {

class Session;

/// A board as settings name it: its path, and over how many folders it is spread.
using BoardPaths = std::vector<BoardPath>;
/// The folders of its jobs: of one shard the path itself. Else what is wrong, beginning with the setting.
Result<BoardPaths, std::string> board_paths(const std::string& path, std::int64_t shards);

/// The board of these folders, whether one or several.
std::unique_ptr<ports::JobBoard> make_board(Session&, const BoardPaths&, const std::string& owner,
                                            const Incarnation& self, ports::Entropy&);

}  // namespace baton::zookeeper
