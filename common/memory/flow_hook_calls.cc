/// What a FlowDatabase remembers of the calls of hooks.
#include <algorithm>

#include "common/memory/flow_database.h"

namespace baton::memory {

using ports::HookCall;
using ports::HookCallState;

/// What is there already stays as it is.
void FlowDatabase::add_hook_call(HookCall call, TimePoint now) {
  if (hook_calls_.has(call)) return;
  call.id = hook_calls_.last_id() + 1;
  call.recorded_at = call.next_at = now;
  journal(&Journal::hook_call_changed, call);
  hook_calls_.put(std::move(call));
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
  for (const auto& share : take.shares)
    for (HookCall& call : hook_calls_.due(share.hook, now, share.calls_max)) {
      call.holder = take.holder;
      call.holder_name = take.holder_name;
      call.next_at = now + share.lease;
      journal(&Journal::hook_call_changed, call);
      hook_calls_.put(call);
      taken.push_back(std::move(call));
    }
  return taken;
}

/// The attempts tell two times of one holder apart: what was counted is not counted again.
FlowDatabase::Outcome<void> FlowDatabase::end_hook_call(const ports::HookEnding& ending, TimePoint now) {
  const HookCall* const found = hook_calls_.find(ending.call.id);
  if (!found || found->state != HookCallState::Pending || found->holder != ending.call.holder ||
      found->attempts != ending.call.attempts)
    return {};
  HookCall call = *found;
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
  hook_calls_.put(call);
  tell_of_hook(call, history_data(ending), now);
  return {};
}

FlowDatabase::Outcome<bool> FlowDatabase::retry_hook_call(const ports::HookRetry& retry, TimePoint now) {
  const HookCall* const found = hook_calls_.find(retry.call.id);
  if (!found || found->state != HookCallState::GivenUp || found->attempts != retry.call.attempts)
    return false;
  HookCall call = *found;
  call.state = HookCallState::Pending;
  call.attempts_before = call.attempts;
  call.next_at = now;
  call.ended_at.reset();
  journal(&Journal::hook_call_changed, call);
  hook_calls_.put(call);
  tell_of_hook(call, history_data(retry), now);
  return true;
}

/// Of a job that nobody had claimed there is no history.
void FlowDatabase::tell_of_hook(const HookCall& call, Value data, TimePoint now) {
  if (!call.flow) return;
  ports::HistoryRow row;
  row.data = std::move(data);
  tell(jobs_.at(call.job), std::move(row), now, call.run);
}

/// A run that may go on by itself: a suspended one waits for a person.
bool FlowDatabase::may_stall(const Job& job) {
  return !is_final(job.summary.state) && job.summary.state != FlowState::Suspended;
}

FlowDatabase::Outcome<ports::StalledPage> FlowDatabase::stalled_jobs(Millis at_least, std::uint64_t after,
                                                                     std::uint32_t limit,
                                                                     TimePoint now) const {
  std::vector<const Job*> open;
  for (const auto& [uuid, job] : jobs_)
    if (may_stall(job) && job.number > after) open.push_back(&job);
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

/// Since it was seen it may have ended: then nobody is told.
bool FlowDatabase::still_stalls(const ports::NewStall& stall) const {
  const auto known = jobs_.find(stall.job);
  if (!stall.flow) return known == jobs_.end() || known->second.summary.run < stall.run;
  if (known == jobs_.end()) return false;
  const auto& about = known->second.summary;
  return about.flow == stall.flow && about.run == stall.run && may_stall(known->second);
}

FlowDatabase::Outcome<void> FlowDatabase::record_stalls(const std::vector<ports::NewStall>& stalls,
                                                        TimePoint now) {
  for (const auto& stall : stalls) {
    if (!still_stalls(stall)) continue;
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
  return hook_calls_.page(filter);
}

FlowDatabase::Outcome<std::vector<ports::HookCount>> FlowDatabase::hook_counts() const {
  return hook_calls_.counts();
}

}  // namespace baton::memory
