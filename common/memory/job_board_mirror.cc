#include "common/memory/job_board_mirror.h"

namespace baton::memory {

using ports::BoardJob;

std::vector<std::string> JobBoardMirror::job_paths() const {
  std::vector<std::string> paths;
  for (const auto& name : ensemble_.children(path_))
    if (name.starts_with("job") && !name.ends_with(".lock")) paths.push_back(path_ + "/" + name);
  return paths;
}

std::vector<BoardJob> JobBoardMirror::read() const {
  std::vector<BoardJob> jobs;
  for (const auto& path : job_paths()) {
    const auto* node = ensemble_.find(path);
    const auto posting = Posting::parse(node->data);
    if (posting.ok()) jobs.push_back({path, *posting, node->czxid, node->created, is_locked(path)});
  }
  return jobs;
}

std::vector<JobBoardMirror::Change> JobBoardMirror::compare() {
  std::vector<Change> changes;
  for (auto it = told_.begin(); it != told_.end();) {
    const auto* node = ensemble_.find(it->first);
    if (node && node->czxid == it->second.czxid) {
      ++it;
      continue;
    }
    changes.emplace_back([path = it->first](auto& listener) { listener.on_gone(path); });
    it = told_.erase(it);
  }
  for (const auto& path : job_paths()) {
    const auto* node = ensemble_.find(path);
    const bool claimed = is_locked(path);
    const auto [known, fresh] = told_.try_emplace(path, Told{node->czxid, claimed});
    if (!fresh && known->second.claimed == claimed) continue;
    known->second.claimed = claimed;
    const auto posting = Posting::parse(node->data);
    if (posting.ok()) {
      known->second.uuid = posting->uuid;
      known->second.run = posting->run;
      changes.emplace_back([job = BoardJob{path, *posting, node->czxid, node->created, claimed}](
                               auto& listener) { listener.on_job(job); });
    } else if (fresh) {
      changes.emplace_back(
          [path, why = posting.error().message](auto& listener) { listener.on_unreadable(path, why); });
    }
  }
  compare_locks(changes);
  return changes;
}

void JobBoardMirror::compare_locks(std::vector<Change>& changes) {
  std::set<std::string> stuck;
  for (const auto& name : ensemble_.children(path_)) {
    const std::string lock = path_ + "/" + name;
    if (name.starts_with("job") && name.ends_with(".lock") && ensemble_.find(lock)->session == 0)
      stuck.insert(lock.substr(0, lock.rfind('.')));
  }
  for (const auto& path : stuck_)
    if (!stuck.contains(path))
      changes.emplace_back([path](auto& listener) { listener.on_stuck_lock_gone(path); });
  for (const auto& path : stuck)
    if (!stuck_.contains(path))
      changes.emplace_back([path](auto& listener) {
        listener.on_stuck_lock(path, path + ".lock is a persistent node: delete it by hand");
      });
  stuck_ = std::move(stuck);
}

std::string JobBoardMirror::find(const JobId& uuid, std::uint32_t run) const {
  for (const auto& [path, told] : told_)
    if (told.uuid == uuid && told.run == run && ensemble_.find(path)) return path;
  return {};
}

}  // namespace baton::memory
