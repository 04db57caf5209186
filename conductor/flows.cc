#include "conductor/flows.h"

namespace baton::conductor {

void Flows::add(const FlowId& id, FlowInbox& flow) {
  const bool fresh = flows_.emplace(id, &flow).second;
  BATON_ASSERT(fresh);
}

void Flows::remove(const FlowId& id) {
  flows_.erase(id);
}

std::vector<FlowId> Flows::ids() const {
  std::vector<FlowId> found;
  for (const auto& [id, flow] : flows_) found.push_back(id);
  return found;
}

FlowInbox* Flows::find(const FlowId& id) const {
  const auto found = flows_.find(id);
  return found == flows_.end() ? nullptr : found->second;
}

void Flows::touch(const FlowId& id) {
  touched_.push_back(id);
  if (posted_) return;
  posted_ = true;
  executor_.post(alive_.guard([this] {
    posted_ = false;
    step_touched();
  }));
}

void Flows::step_touched() {
  // A step can touch other flows (room at a worker that it frees) and end its own.
  while (!touched_.empty()) {
    std::vector<FlowId> now;
    now.swap(touched_);
    for (const FlowId& id : now)
      if (FlowInbox* flow = find(id)) flow->step();
  }
}

}  // namespace baton::conductor
