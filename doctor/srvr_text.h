#pragma once

#include <string>
#include <string_view>

namespace baton::doctor {

/// What a ZooKeeper server says to the four letters `srvr`.
struct SrvrWord {
  std::string version;  // "3.8.0"; empty: it does not say
  std::string mode;     // "leader", "follower", "observer", "standalone", "read-only"; empty: it does not say
  std::string refusal;  // its words, where it does not say
  bool is_older_than(int major, int minor) const;
};
SrvrWord read_srvr(std::string_view said);

}  // namespace baton::doctor
