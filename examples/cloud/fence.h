#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace baton::example_cloud {

/// (flow, atom, dispatch) as a caller shows it: "<flow>/<atom>/<dispatch>".
struct FencingToken {
  std::string flow, atom;
  std::uint64_t dispatch = 0;
  static std::optional<FencingToken> parse(std::string_view text);
};

/// Remembers the highest dispatch seen of each (flow, atom), also of calls that did nothing, and refuses
/// lower ones: nothing older acts after something newer (PROTOCOL.md H3, H4).
class Fence {
 public:
  /// False: stale.
  bool admit(const FencingToken&);

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> highest_;
};

}  // namespace baton::example_cloud
