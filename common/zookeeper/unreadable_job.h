#pragma once

#include "common/zookeeper/board_home.h"

namespace baton::zookeeper {

/// Moves a node that is no posting to the trash. Nobody holds it: the multi itself proves that no lock stands
/// beside it, by making and removing one.
void trash_unreadable(Session&, const std::shared_ptr<BoardHome>&, const BoardPath&, const std::string& path,
                      const std::string& reason, ports::JobBoard::Done<void>);

}  // namespace baton::zookeeper
