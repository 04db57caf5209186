#pragma once

#include <string>
#include <string_view>

#include "common/model/ids.h"

namespace baton::zookeeper {

/// A lock's bytes. TaskFlow reads "owner" only; the rest is ours.
std::string lock_data(std::string_view owner, std::int64_t session, Incarnation);

/// Who holds a lock with these bytes. One that is no JSON object with a string "owner" is still a lock:
/// "(unreadable lock)". For people: bounded, and fit for a terminal.
std::string owner_in(std::string_view lock_data);

}  // namespace baton::zookeeper
