#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/model/time.h"
#include "common/ports/job_board.h"
#include "common/zookeeper/board_path.h"

struct _zhandle;

namespace baton::zookeeper {

/// Over how many folders a board is spread, and what stands where nobody with that number looks.
struct ShardsLook {
  std::string board;                          // its path with one folder
  std::string trouble;                        // why the rest is not known
  bool there = false;                         // the board has an id: somebody has used it
  std::size_t noted = 1;                      // number of its folders
  std::map<std::string, std::size_t> strays;  // jobs in folders that are not listed then
};
/// In an open session. Blocks.
ShardsLook look_at_shards(_zhandle*, const BoardPath& board);

/// Brings a board to another number of folders. Refused while conductors of its fleet are there, and while
/// jobs stand in folders that would not be listed any more; the message names them.
struct ShardsRequest {
  std::string hosts;
  Millis timeout{0}, deadline{0};
  std::string board, fleet;  // paths
  std::size_t shards = 1;
  bool dry_run = false;
};
struct ShardsOutcome {
  std::size_t found = 1;
  bool there = false;  // false: nobody has used the board yet: who is first notes the number
  /// Jobs that somebody posted meanwhile to folders that are not listed any more.
  std::map<std::string, std::size_t> strays;
  std::string trouble;  // the number was changed, but those were not looked for
};
/// Unavailable: nothing was done, or the answer was lost: to be asked again. Blocks.
Result<ShardsOutcome, ports::BoardError> change_shards(const ShardsRequest&);

}  // namespace baton::zookeeper
