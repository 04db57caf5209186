/// Whose the jobs of a FlowDatabase are: claims, and what becomes of jobs without a step.
#include "common/memory/flow_database.h"
#include "common/ports/job_content.h"

namespace baton::memory {

using ports::ClaimOutcome;
using ports::ClaimRequest;
using ports::ClaimVerdict;

namespace {

/// What its node says. Also of a later run: without a plan that may be other content.
void keep_posting(JobRow& job, const Posting& posting) {
  job.posting = posting;
  job.content = ports::content_of(posting);
  job.summary.name = posting.name;
  job.summary.flow_name = ports::flow_name_of(posting);
  job.summary.flow_version = ports::flow_version_of(posting);
}

}  // namespace

FlowDatabase::Job& FlowDatabase::job_of(const ClaimRequest& request, TimePoint now) {
  const auto [at, fresh] = jobs_.try_emplace(request.posting.uuid);
  Job& job = at->second;
  if (!fresh) return job;
  keep_posting(job, request.posting);
  job.number = ++last_number_;
  auto& summary = job.summary;
  summary.uuid = request.posting.uuid;
  summary.priority = request.posting.priority;
  summary.flow = request.new_flow;
  summary.run = request.posting.run;
  summary.conductor = request.conductor_name;
  summary.board_path = request.board_path;
  summary.posted_at = request.posted_at.value_or(now);
  summary.updated_at = now;
  job_by_flow_[request.new_flow] = request.posting.uuid;
  journal(&Journal::job_changed, job);
  return job;
}

FlowDatabase::Judged FlowDatabase::judge(const Job& job, const ClaimRequest& request,
                                         const Epoch& epoch) const {
  const auto& known = job.summary;
  const std::uint32_t run = request.posting.run;
  const bool ended = is_final(known.state);
  const bool same_content = ports::content_of(request.posting) == job.content;
  if (run < known.run) return {ClaimVerdict::AlreadyFinal};
  if (run > known.run && !ended) return {ClaimVerdict::Refused};
  if (!same_content && (run == known.run || job.plan)) return {ClaimVerdict::OtherContent};
  if (run == known.run && ended) return {ClaimVerdict::AlreadyFinal};
  if (run == known.run && known.board_path != request.board_path &&
      known.board_path != request.take_over_path)
    return {ClaimVerdict::Duplicate};
  if (epoch > known.epoch) return {ClaimVerdict::Owned, run > known.run, true};
  if (epoch == known.epoch && job.conductor == request.conductor) return {ClaimVerdict::Owned};
  return {ClaimVerdict::Refused};
}

void FlowDatabase::take(Job& job, const ClaimRequest& request, const Epoch& epoch, const Judged& judged,
                        TimePoint now) {
  auto& summary = job.summary;
  summary.epoch = epoch;
  summary.conductor = request.conductor_name;
  summary.board_path = request.board_path;
  summary.updated_at = now;
  job.conductor = request.conductor;
  if (judged.rerun) {
    summary.run = request.posting.run;
    summary.state = FlowState::Pending;
    summary.failure.reset();
    summary.finished_at.reset();
    job.removed_at.reset();
    keep_posting(job, request.posting);
  }
  // Also where this is the first run on record: the database may have forgotten an earlier one, not its
  // orders.
  drop_orders(job, "run " + std::to_string(summary.run) + " has begun instead", now,
              [&](std::uint32_t run) { return run < summary.run; });
  journal(&Journal::job_changed, job);
  if (!judged.later) return;
  ports::HistoryRow row;
  row.claim = ports::HistoryClaim{request.conductor_name, epoch};
  tell(job, std::move(row), now);
}

FlowDatabase::Outcome<ClaimOutcome> FlowDatabase::claim(const ClaimRequest& request, TimePoint now) {
  const Epoch epoch = epoch_of(request);
  Job& job = job_of(request, now);
  const Judged judged = judge(job, request, epoch);
  if (judged.verdict == ClaimVerdict::Owned) take(job, request, epoch, judged, now);
  ClaimOutcome outcome;
  outcome.verdict = judged.verdict;
  outcome.flow = *job.summary.flow;
  outcome.epoch = epoch;
  outcome.run = request.posting.run;
  outcome.state = job.summary.state;
  if (judged.verdict == ClaimVerdict::Duplicate) outcome.recorded_path = job.summary.board_path;
  outcome.has_plan = job.plan.has_value();
  outcome.atoms = static_cast<std::uint32_t>(job.atoms.size());
  outcome.now = now;
  outcome.has_orders = !orders_in_force(job.summary.uuid, outcome.run).empty();
  return outcome;
}

FlowDatabase::Outcome<void> FlowDatabase::record_refused(const ClaimRequest& request,
                                                         const ports::Refusal& refusal, TimePoint now) {
  const Epoch epoch = epoch_of(request);
  Job& job = job_of(request, now);
  const Judged judged = judge(job, request, epoch);
  if (judged.verdict != ClaimVerdict::Owned) {
    if (refusal.state == FlowState::Trashed) trash(request.board_path, refusal.why.message, now);
    if (judged.verdict != ClaimVerdict::Refused) return {};
    return Fail(lost("job " + request.posting.uuid.value));
  }
  take(job, request, epoch, judged, now);
  job.summary.state = refusal.state;
  job.summary.failure = refusal.why;
  job.summary.finished_at = now;
  journal(&Journal::job_changed, job);
  drop_orders(job, "the job is " + std::string(to_string(refusal.state)), now,
              [&](std::uint32_t run) { return run == job.summary.run; });
  ports::HistoryRow row;
  row.state = to_string(refusal.state);
  row.data = Value::from_stored("{\"failure\": " + std::string(refusal.why.to_value().json()) + "}");
  tell(job, std::move(row), now);
  add_hook_calls(job, refusal.hook_calls, now);
  return {};
}

FlowDatabase::Outcome<void> FlowDatabase::record_unreadable(const std::string& board_path,
                                                            const std::string& why, TimePoint now) {
  trash(board_path, why, now);
  return {};
}

void FlowDatabase::trash(const std::string& board_path, const std::string& why, TimePoint now) {
  trashed_[board_path] = {board_path, why, now};
  journal(&Journal::node_trashed, trashed_[board_path]);
}

FlowDatabase::Outcome<void> FlowDatabase::mark_removed(const JobId& uuid, std::uint32_t run, TimePoint now) {
  const auto found = jobs_.find(uuid);
  if (found != jobs_.end() && found->second.summary.run == run && !found->second.removed_at) {
    found->second.removed_at = now;
    journal(&Journal::job_changed, found->second);
  }
  return {};
}

}  // namespace baton::memory
