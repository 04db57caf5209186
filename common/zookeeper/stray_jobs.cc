#include "common/zookeeper/stray_jobs.h"

#include <algorithm>

#include "common/zookeeper/guarded.h"

namespace baton::zookeeper {

StrayJobs::StrayJobs(Session& session, const BoardPath& path, Tell tell)
    : session_(session), folders_(path.unlisted_folders(path.shards())), tell_(std::move(tell)) {}

void StrayJobs::look() {
  for (const auto& folder : folders_)
    session_.children(
        folder,
        guarded(weak_from_this(), [folder, number = session_.number()](
                                      StrayJobs& self, const Result<std::vector<std::string>, Error>& names) {
          if (number != self.session_.number()) return;
          if (names.ok()) return self.found(folder, *names);
          if (names.error().code == Code::NoNode) self.found(folder, {});
        }));
}

void StrayJobs::found(const std::string& folder, const std::vector<std::string>& names) {
  const auto jobs = static_cast<std::size_t>(std::count_if(names.begin(), names.end(), BoardPath::is_job));
  auto& known = known_[folder];
  if (std::exchange(known, jobs) != jobs) tell_(folder, jobs);
}

}  // namespace baton::zookeeper
