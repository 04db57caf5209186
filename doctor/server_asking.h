#pragma once

#include "doctor/round.h"
#include "doctor/seen.h"

/// Asks the servers that a settings file names; what came is added to what was seen, which outlives the
/// round.
namespace baton::doctor {

/// Every ensemble once for each session timeout, with the folders of all files that name it.
std::vector<ZooKeeperSeen> zookeepers_of(const std::vector<SettingsSeen>&);

/// Every server once, also where several files name it.
void ask_servers(Round&, Seen&, Millis deadline);

}  // namespace baton::doctor
