/// What a FlowDatabase remembers of the calls of hooks.
#include <algorithm>

#include "common/memory/flow_database.h"

namespace baton::memory {

using ports::HookCall;
using ports::HookCallState;

void FlowDatabase::put_hook_call(HookCall call) {
  last_hook_call_ = std::max(last_hook_call_, call.id);
  hook_call_ids_[{call.job, call.run, call.event, call.occasion, call.hook}] = call.id;
  hook_calls_[call.id] = std::move(call);
}

/// What is there already stays as it is.
void FlowDatabase::add_hook_call(HookCall call, TimePoint now) {
  if (hook_call_ids_.contains({call.job, call.run, call.event, call.occasion, call.hook})) return;
  call.id = last_hook_call_ + 1;
  call.recorded_at = call.next_at = now;
  journal(&Journal::hook_call_changed, call);
  put_hook_call(std::move(call));
}

void FlowDatabase::add_hook_calls(const Job& job, const std::vector<ports::NewHookCall>& calls,
                                  TimePoint now) {
  for (const auto& asked : calls) {
    HookCall call;
    call.job = job.summary.uuid;
    call.run = job.summary.run;
    call.flow = job.summary.flow;
    call.hook = asked.hook;
    call.event = asked.event;
    call.about = asked.about;
    add_hook_call(std::move(call), now);
  }
}

FlowDatabase::Outcome<std::vector<HookCall>> FlowDatabase::take_hook_calls(const ports::HookTake& take,
                                                                           TimePoint now) {
  std::vector<HookCall> taken;
  for (const auto& share : take.shares) {
    std::vector<HookCall*> due;
    for (auto& [id, call] : hook_calls_)
      if (call.state == HookCallState::Pending && call.hook == share.hook && call.next_at <= now)
        due.push_back(&call);
    std::stable_sort(due.begin(), due.end(),
                     [](const HookCall* a, const HookCall* b) { return a->next_at < b->next_at; });
    due.resize(std::min<std::size_t>(due.size(), share.calls_max));
    for (HookCall* call : due) {
      call->holder = take.holder;
      call->holder_name = take.holder_name;
      call->next_at = now + share.lease;
      journal(&Journal::hook_call_changed, *call);
      taken.push_back(*call);
    }
  }
  return taken;
}

FlowDatabase::Outcome<void> FlowDatabase::end_hook_call(const ports::HookEnding& ending, TimePoint now) {
  const auto found = hook_calls_.find(ending.call.id);
  if (found == hook_calls_.end()) return {};
  HookCall& call = found->second;
  if (call.state != HookCallState::Pending || call.holder != ending.call.holder) return {};
  ++call.attempts;
  call.holder.reset();
  call.holder_name.clear();
  call.last_error = ending.error;
  call.next_at = now + ending.again_after;
  if (ending.how != ports::HookEnding::How::Again) {
    call.ended_at = now;
    call.state = ending.how == ports::HookEnding::How::Done ? HookCallState::Done : HookCallState::GivenUp;
  }
  journal(&Journal::hook_call_changed, call);
  if (!call.flow) return {};
  ports::HistoryRow row;
  row.data = history_data(ending);
  tell(jobs_.at(call.job), std::move(row), now, call.run);
  return {};
}

FlowDatabase::Outcome<ports::StalledPage> FlowDatabase::stalled_jobs(Millis at_least, std::uint64_t after,
                                                                     std::uint32_t limit,
                                                                     TimePoint now) const {
  std::vector<const Job*> open;
  for (const auto& [uuid, job] : jobs_)
    if (!is_final(job.summary.state) && job.summary.state != FlowState::Suspended && job.number > after)
      open.push_back(&job);
  std::sort(open.begin(), open.end(), [](const Job* a, const Job* b) { return a->number < b->number; });
  ports::StalledPage page;
  page.now = now;
  page.more = open.size() > limit;
  open.resize(std::min<std::size_t>(open.size(), limit));
  for (const Job* job : open) {
    const auto& about = job->summary;
    page.last = job->number;
    ports::StalledJob stalled{
        about.uuid,     about.name,  about.flow_name,
        about.priority, *about.flow, about.run,
        about.state,    0,           about.run == 1 ? about.posted_at : about.updated_at};
    for (auto id = job->history.rbegin(); id != job->history.rend(); ++id) {
      const auto& row = history_[*id - 1].row;
      if (row.seq == 0 || row.run != about.run) continue;
      stalled.last_seq = row.seq;
      stalled.since = row.at;
      break;
    }
    if (stalled.since <= now - at_least) page.jobs.push_back(std::move(stalled));
  }
  return page;
}

FlowDatabase::Outcome<void> FlowDatabase::record_stalls(const std::vector<ports::NewStall>& stalls,
                                                        TimePoint now) {
  for (const auto& stall : stalls) {
    const auto known = jobs_.find(stall.job);
    if (!stall.flow && known != jobs_.end() && known->second.summary.run >= stall.run) continue;
    HookCall call;
    call.job = stall.job;
    call.run = stall.run;
    call.flow = stall.flow;
    call.event = stall.call.event;
    call.occasion = stall.occasion;
    call.hook = stall.call.hook;
    call.about = stall.call.about;
    add_hook_call(std::move(call), now);
  }
  return {};
}

FlowDatabase::Outcome<ports::HookCallPage> FlowDatabase::hook_calls(
    const ports::HookCallFilter& filter) const {
  ports::HookCallPage page;
  for (auto one = hook_calls_.rbegin(); one != hook_calls_.rend(); ++one) {
    const HookCall& call = one->second;
    if (filter.job && call.job != *filter.job) continue;
    if (filter.state && call.state != *filter.state) continue;
    if (filter.before != 0 && call.id >= filter.before) continue;
    if (page.calls.size() == filter.limit) {
      page.more = true;
      break;
    }
    page.calls.push_back(call);
  }
  return page;
}

FlowDatabase::Outcome<std::vector<ports::HookCount>> FlowDatabase::hook_counts() const {
  std::map<std::string, ports::HookCount> counts;
  for (const auto& [id, call] : hook_calls_) {
    if (call.state == HookCallState::Done) continue;
    auto& count = counts[call.hook];
    count.hook = call.hook;
    if (call.state == HookCallState::GivenUp) {
      ++count.given_up;
      continue;
    }
    ++count.pending;
    count.oldest_pending = std::min(count.oldest_pending.value_or(call.recorded_at), call.recorded_at);
  }
  std::vector<ports::HookCount> all;
  for (auto& [hook, count] : counts) all.push_back(std::move(count));
  return all;
}

}  // namespace baton::memory
