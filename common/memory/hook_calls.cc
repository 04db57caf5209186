#include "common/memory/hook_calls.h"

#include <algorithm>

namespace baton::memory {

using ports::HookCall;
using ports::HookCallState;

HookCalls::Key HookCalls::key_of(const HookCall& call) {
  return {call.job, call.run, call.event, call.occasion, call.hook};
}

void HookCalls::put(HookCall call) {
  if (const auto before = calls_.find(call.id); before != calls_.end()) leave_open(before->second);
  if (call.state == HookCallState::Pending) open_[call.hook].pending.insert({call.next_at, call.id});
  if (call.state == HookCallState::GivenUp) ++open_[call.hook].given_up;
  if (call.state != HookCallState::Done) open_ids_.insert(call.id);
  last_id_ = std::max(last_id_, call.id);
  ids_[key_of(call)] = call.id;
  calls_[call.id] = std::move(call);
}

void HookCalls::leave_open(const HookCall& call) {
  open_ids_.erase(call.id);
  const auto found = open_.find(call.hook);
  if (found == open_.end()) return;
  if (call.state == HookCallState::Pending) found->second.pending.erase({call.next_at, call.id});
  if (call.state == HookCallState::GivenUp) --found->second.given_up;
  if (found->second.pending.empty() && found->second.given_up == 0) open_.erase(found);
}

bool HookCalls::has(const HookCall& call) const {
  return ids_.contains(key_of(call));
}

const HookCall* HookCalls::find(std::uint64_t id) const {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : &found->second;
}

std::vector<HookCall> HookCalls::due(const std::string& hook, TimePoint now, std::uint32_t calls_max) const {
  std::vector<HookCall> due;
  const auto open = open_.find(hook);
  if (open == open_.end()) return due;
  for (const auto& [next_at, id] : open->second.pending) {
    if (next_at > now || due.size() == calls_max) break;
    due.push_back(calls_.at(id));
  }
  return due;
}

ports::HookCallPage HookCalls::page(const ports::HookCallFilter& filter) const {
  ports::HookCallPage page;
  each(filter, [&](const HookCall& call) {
    if (filter.job && call.job != *filter.job) return true;
    if (filter.state && call.state != *filter.state) return true;
    if (filter.before != 0 && call.id >= filter.before) return true;
    page.more = page.calls.size() == filter.limit;
    if (!page.more) page.calls.push_back(call);
    return !page.more;
  });
  return page;
}

void HookCalls::each(const ports::HookCallFilter& filter,
                     const std::function<bool(const HookCall&)>& visit) const {
  if (!filter.job && (!filter.state || *filter.state == HookCallState::Done)) {
    for (auto one = calls_.rbegin(); one != calls_.rend(); ++one)
      if (!visit(one->second)) return;
    return;
  }
  std::set<std::uint64_t> of_job;
  if (filter.job)
    for (auto one = ids_.lower_bound({*filter.job, 0, ports::HookEvent{}, 0, {}});
         one != ids_.end() && std::get<0>(one->first) == *filter.job; ++one)
      of_job.insert(one->second);
  const auto& ids = filter.job ? of_job : open_ids_;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id)
    if (!visit(calls_.at(*id))) return;
}

std::vector<ports::HookCount> HookCalls::counts() const {
  std::vector<ports::HookCount> all;
  for (const auto& [hook, open] : open_) {
    ports::HookCount count{hook, open.pending.size(), open.given_up, {}};
    for (const auto& [next_at, id] : open.pending) {
      const TimePoint recorded_at = calls_.at(id).recorded_at;
      count.oldest_pending = std::min(count.oldest_pending.value_or(recorded_at), recorded_at);
    }
    all.push_back(std::move(count));
  }
  return all;
}

}  // namespace baton::memory
