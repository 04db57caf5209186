#include "conductor/flow_slots.h"

#include <utility>

namespace baton::conductor {

FlowSlots::FlowSlots(FlowId flow, Placement& placement, Dispatcher& dispatcher)
    : flow_(flow), placement_(placement), dispatcher_(dispatcher) {}

std::optional<engine::Placed> FlowSlots::place(AtomIndex atom, const engine::TaskSpec& task,
                                               Intention intention) {
  if (const auto old = slots_.find(atom); old != slots_.end()) free(atom, old->second);
  const auto chosen = placement_.place(flow_, atom, task, taste(atom, intention));
  if (!chosen) return std::nullopt;
  return take(atom, chosen->worker, chosen->name);
}

engine::Placed FlowSlots::take(AtomIndex atom, Incarnation worker, std::string worker_name) {
  slots_[atom] = {worker, worker_name, 0, true};
  return {atom, worker, std::move(worker_name)};
}

void FlowSlots::restore(AtomIndex atom, const AtomRecord& record) {
  slots_[atom] = {record.delivery->worker, record.delivery->worker_name, record.dispatch, true};
  placement_.count(record.delivery->worker);
}

FlowSlots::Slot* FlowSlots::of_delivery(AtomIndex atom, Dispatch dispatch) {
  const auto found = slots_.find(atom);
  return found != slots_.end() && found->second.dispatch == dispatch ? &found->second : nullptr;
}

void FlowSlots::hear(const engine::Event& event) {
  if (const auto* back = std::get_if<engine::HandedBack>(&event)) {
    Slot* slot = of_delivery(back->atom, back->dispatch);
    if (!slot) return;
    handed_back_by_[back->atom] = slot->worker;
    free(back->atom, *slot);
  } else if (const auto* lost = std::get_if<engine::DeliveryLost>(&event)) {
    if (Slot* slot = of_delivery(lost->atom, lost->dispatch)) free(lost->atom, *slot);
  } else if (const auto* finished = std::get_if<engine::AtomFinished>(&event)) {
    const Slot* slot = of_delivery(finished->atom, finished->dispatch);
    const auto by = handed_back_by_.find(finished->atom);
    if (slot && by != handed_back_by_.end() && by->second == slot->worker) handed_back_by_.erase(by);
  }
}

void FlowSlots::free(AtomIndex atom, Slot& slot) {
  if (slot.dispatch != 0) dispatcher_.close({flow_, atom, slot.dispatch});
  if (!std::exchange(slot.counted, false)) return;
  last_worker_[atom] = slot.worker;
  placement_.release(slot.worker);
}

/// A revert goes where the execution was; but not behind an execution that was abandoned there and still goes
/// on: a worker never runs two requests of an atom at once, and hands the later one back.
Placement::Taste FlowSlots::taste(AtomIndex atom, Intention intention) const {
  if (const auto there = dispatcher_.ending_at(flow_, atom)) return {{}, there};
  Placement::Taste taste;
  if (const auto by = handed_back_by_.find(atom); by != handed_back_by_.end()) taste.avoid = by->second;
  const auto last = last_worker_.find(atom);
  if (last != last_worker_.end() && intention == Intention::Revert && last->second != taste.avoid)
    taste.prefer = last->second;
  return taste;
}

void FlowSlots::follow(AtomIndex atom, const AtomRecord& record) {
  const auto found = slots_.find(atom);
  if (found == slots_.end()) return;  // it has no delivery, or Placed is still to come
  Slot& slot = found->second;
  if (!record.delivery || record.delivery->worker != slot.worker) {
    free(atom, slot);
    slots_.erase(found);
  } else if (slot.dispatch == 0) {
    slot.dispatch = record.dispatch;
  }
}

void FlowSlots::clear() {
  for (const auto& [atom, slot] : slots_)
    if (slot.counted) placement_.release(slot.worker);
  slots_.clear();
}

bool FlowSlots::open(AtomIndex atom) const {
  const auto found = slots_.find(atom);
  return found != slots_.end() && found->second.counted;
}

const std::string* FlowSlots::worker_name(AtomIndex atom) const {
  const auto found = slots_.find(atom);
  return found != slots_.end() ? &found->second.name : nullptr;
}

}  // namespace baton::conductor
