#pragma once

#include <string>
#include <vector>

#include "common/model/time.h"
#include "common/zookeeper/board_shards.h"

namespace baton::zookeeper {

/// A folder of Baton's in ZooKeeper.
struct PathLook {
  std::string path;
  bool there = false;
  bool open = true;     // everybody may read, write and make nodes there, as Baton makes its folders
  std::string trouble;  // why it is not known
};

/// What a session of ours meets, for people who look for what is wrong.
struct EnsembleLook {
  std::string hosts;    // as they were asked for
  std::string trouble;  // why there is no session; empty: all below is known
  std::string server;   // the one that answered, "127.0.0.1:2181"
  Millis granted{0};
  std::vector<PathLook> paths;
  std::vector<ShardsLook> boards;
};

/// Opens a session with this timeout, as a daemon does: a server that is read only gives none, looks at the
/// paths and boards, closes it. Blocks up to the deadline for the session; then for its answers and its
/// close.
EnsembleLook look_at_ensemble(const std::string& hosts, Millis timeout, const std::vector<std::string>& paths,
                              const std::vector<BoardPath>& boards, Millis deadline);

}  // namespace baton::zookeeper
