#include "conductor/worker_watch.h"

namespace baton::conductor {

WorkerWatch::WorkerWatch(Timers& timers, Dispatcher& dispatcher, const Bounds& bounds)
    : timers_(timers), dispatcher_(dispatcher), bounds_(bounds) {
  dispatcher_.on_missing(alive_.guard([this](const Incarnation& worker) { suspect(worker); }));
}

void WorkerWatch::picture(const std::vector<ports::Advert>& adverts,
                          const std::vector<Incarnation>& noted_dead) {
  complete_ = true;
  listed_.clear();
  for (const auto& advert : adverts) listed_.insert(advert.incarnation);
  noted_dead_ = {noted_dead.begin(), noted_dead.end()};
  std::erase_if(suspects_, [this](const auto& suspect) {
    if (!listed_.contains(suspect.first)) return false;
    timers_.cancel(suspect.second);  // it came back in time
    return true;
  });
  for (const auto& worker : dispatcher_.holders()) suspect(worker);
}

void WorkerWatch::session_lost() {
  complete_ = false;
  for (const auto& [worker, timer] : suspects_) timers_.cancel(timer);
  suspects_.clear();
}

void WorkerWatch::suspect(const Incarnation& worker) {
  if (!complete_ || listed_.contains(worker)) return;
  const bool noted = noted_dead_.contains(worker);
  if (const auto known = suspects_.find(worker); known != suspects_.end()) {
    if (!noted) return;
    timers_.cancel(known->second);
    suspects_.erase(known);
  }
  // Never inline: whoever sends is in the middle of its own work.
  const Millis grace = noted ? Millis{0} : bounds_.reattach_grace;
  suspects_.emplace(worker, timers_.after(grace, alive_.guard([this, worker] {
    suspects_.erase(worker);
    dispatcher_.worker_gone(worker,
                            [&](const auto& delivery) { return loss(worker, delivery.flow, delivery.atom); });
  })));
}

Loss WorkerWatch::loss(const Incarnation& worker, const FlowId& flow, const std::string& atom) const {
  if (!noted_dead_.contains(worker)) return {"worker lost"};
  const auto known = last_tasks_.find(worker);
  if (known == last_tasks_.end()) return {"worker died"};
  const auto& [names, crash] = known->second;
  if (names.empty()) return {"worker died"};  // it died all the same: of what, nobody knows
  if (!names.contains(ports::task_name(flow, atom))) return {"worker died", false};
  return {crash.empty() ? "worker died" : "worker died: this task ended it, " + crash};
}

}  // namespace baton::conductor
