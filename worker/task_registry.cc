#include "worker/task_registry.h"

#include <utility>

namespace baton::worker {

Result<void, std::string> TaskRegistry::add(const std::string& type, const std::string& owner,
                                            std::unique_ptr<TaskBody> body) {
  const auto [at, added] = entries_.try_emplace(type, Entry{owner, std::move(body)});
  if (added) return {};
  return Fail("task type '" + type + "' of " + owner + " is already that of " + at->second.owner +
              "\n  hint: load only one of them, or rename it");
}

const TaskBody* TaskRegistry::find(std::string_view type) const {
  const auto found = entries_.find(type);
  return found == entries_.end() ? nullptr : found->second.body.get();
}

std::vector<std::string> TaskRegistry::types() const {
  std::vector<std::string> types;
  for (const auto& [type, entry] : entries_) types.push_back(type);
  return types;
}

}  // namespace baton::worker
