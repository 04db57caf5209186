#include "engine/plan.h"

#include <algorithm>
#include <set>

#include "common/model/assert.h"
#include "engine/plan_data.h"

namespace baton::engine {

Plan::Plan(std::unique_ptr<const PlanData> data) : data_(std::move(data)) {
  BATON_ASSERT(data_ != nullptr);
}
Plan::~Plan() = default;

std::size_t Plan::size() const {
  return data_->atoms.size();
}

const std::string& Plan::flow_name() const {
  return data_->flows.front().name;
}

const std::string& Plan::name(AtomIndex atom) const {
  BATON_ASSERT(atom < size());
  return data_->name(atom);
}

AtomIndex Plan::find(std::string_view name) const {
  return data_->find(name);
}

AtomKind Plan::kind(AtomIndex atom) const {
  BATON_ASSERT(atom < size());
  return data_->atoms[atom].kind;
}

const TaskSpec& Plan::task(AtomIndex atom) const {
  BATON_ASSERT(kind(atom) == AtomKind::Task);
  return data_->tasks[data_->atoms[atom].spec];
}

const RetrySpec& Plan::retry(AtomIndex atom) const {
  BATON_ASSERT(kind(atom) == AtomKind::Retry);
  return data_->retries[data_->atoms[atom].spec];
}

std::vector<std::string> Plan::scope_of(AtomIndex atom) const {
  BATON_ASSERT(atom < size());
  std::vector<std::string> names;
  for (FlowIndex flow = data_->atoms[atom].flow; flow != kNoFlow; flow = data_->flows[flow].parent)
    names.push_back(data_->flows[flow].name);
  std::reverse(names.begin(), names.end());
  return names;
}

std::vector<std::string> Plan::task_types() const {
  std::set<std::string> types;
  for (const TaskSpec& task : data_->tasks) types.insert(task.type);
  return {types.begin(), types.end()};
}

std::vector<AtomIndex> Plan::predecessors(AtomIndex atom) const {
  BATON_ASSERT(atom < size());
  std::set<NodeIndex> seen;
  std::vector<AtomIndex> found;
  std::vector<NodeIndex> open{atom};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    for (const NodeIndex before : data_->predecessors.of(node)) {
      if (!seen.insert(before).second) continue;
      if (data_->is_atom(before))
        found.push_back(before);
      else
        open.push_back(before);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace baton::engine
