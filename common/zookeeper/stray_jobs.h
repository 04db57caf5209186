#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/zookeeper/board_path.h"
#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// Looks for jobs that stand in folders which were the board's while it had another number of shards: nobody
/// lists those any more, so that a job that is posted there waits for ever, unless it is shown.
class StrayJobs : public std::enable_shared_from_this<StrayJobs> {
 public:
  /// So many jobs stand there, 0: none any more.
  using Tell = std::function<void(const std::string& folder, std::size_t jobs)>;
  StrayJobs(Session&, const BoardPath&, Tell);

  void look();
  void forget() { known_.clear(); }  // the session was lost

 private:
  void found(const std::string& folder, const std::vector<std::string>& names);

  Session& session_;
  const std::vector<std::string> folders_;
  const Tell tell_;
  std::map<std::string, std::size_t> known_;
};

}  // namespace baton::zookeeper
