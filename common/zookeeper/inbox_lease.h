#pragma once

#include <memory>

#include "common/ports/directory.h"
#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// "<root>/partitions/requests"
std::string partitions_folder(const std::string& root, ports::InboxKind);

/// Leases the partition with the fewest holders (the lowest of them): an ephemeral node
/// <folder>/<n>/<incarnation>. Two processes that count at once must not take the same one: the multi that
/// makes the node also writes the folder at the version that was read before counting, so one of them counts
/// again. Answers the number; nothing once the owner is gone.
void lease_inbox(Session&, std::weak_ptr<const void> owner, const std::string& folder,
                 std::int32_t partitions, Incarnation, ports::Directory::Done<std::int32_t>);

}  // namespace baton::zookeeper
