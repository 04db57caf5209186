#pragma once

#include <string>
#include <string_view>

namespace baton::doctor {

/// It is up and serves nobody: it does not find the others, or has lost them.
inline constexpr const char* kNotServing = "not serving";

/// What a ZooKeeper server says to the four letters `srvr`.
struct SrvrWord {
  std::string version;  // "3.8.0"; empty: it does not say
  std::string
      mode;  // "leader", "follower", "observer", "standalone", "read-only", "not serving"; empty: unsaid
  std::string refusal;  // its words, where it does not say
  bool is_older_than(int major, int minor) const;
};
SrvrWord read_srvr(std::string_view said);

}  // namespace baton::doctor
