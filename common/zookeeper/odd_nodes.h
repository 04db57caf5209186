#pragma once

#include <map>
#include <string>
#include <utility>

#include "common/zookeeper/folder_mirror.h"

namespace baton::zookeeper {

/// The nodes of one folder that cannot be read: each is news once, until it is another one or says something
/// else.
class OddNodes {
 public:
  bool is_news(const std::string& name, const Node& node) {
    const Version version(node.stat.czxid, node.stat.version);
    const auto [known, added] = known_.emplace(name, version);
    return added || std::exchange(known->second, version) != version;
  }
  /// Those that are gone are forgotten.
  void keep_those_of(const FolderMirror::Picture& picture) {
    std::erase_if(known_, [&](const auto& known) { return !picture.contains(known.first); });
  }

 private:
  using Version = std::pair<std::int64_t, std::int32_t>;
  std::map<std::string, Version> known_;
};

}  // namespace baton::zookeeper
