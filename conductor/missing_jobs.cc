#include "conductor/missing_jobs.h"

#include <algorithm>
#include <utility>

#include "common/runtime/log.h"

namespace baton::conductor {

MissingJobs::MissingJobs(const JobServices& services, const Candidates& candidates)
    : with_(services), candidates_(candidates) {}

void MissingJobs::begin(const std::vector<std::string>& folders) {
  if (at_it_) return;
  folders_ = folders;
  begin_again();
}

void MissingJobs::begin_again() {
  at_it_ = true;
  next(with_.host.bounds.missing_pause);
}

void MissingJobs::stop() {
  alive_.renew();
  at_it_ = false;
  after_ = 0;
  missed_.clear();
  missed_before_.clear();
  shown_.clear();
  unposted_.clear();
}

void MissingJobs::ours(bool ours) {
  if (!std::exchange(ours_, ours) || ours || !at_it_) return;
  stop();  // half a round, and what is under way in it
  begin_again();
}

void MissingJobs::next(Millis pause) {
  with_.clock.after(pause,
                    alive_.guard([this] { ours_ ? read_page() : next(with_.host.bounds.missing_round); }));
}

void MissingJobs::read_page() {
  with_.host.store.unfinished(
      folders_, after_, with_.host.bounds.sweep_page,
      alive_.guard([this](const Result<ports::UnfinishedPage, ports::StoreError>& page) {
        if (!page.ok()) return next(with_.host.bounds.missing_round);  // the same page again
        look_at(*page);
        after_ = std::max(after_, page->last);
        if (page->more) return next(with_.host.bounds.missing_pause);
        end_round();
        next(with_.host.bounds.missing_round);
      }));
}

/// Where it was claimed last, as a rule.
bool MissingJobs::stands(const ports::UnfinishedJob& job) const {
  const auto* there = candidates_.find(job.board_path);
  return there && there->posting.uuid == job.posting.uuid && there->posting.run >= job.posting.run;
}

void MissingJobs::look_at(const ports::UnfinishedPage& page) {
  for (const auto& job : page.jobs) {
    if (stands(job)) continue;
    if (job.asked && unposted_.size() < with_.host.bounds.parked_max)
      unposted_.emplace(job.posting.uuid, job.posting);
    if (!job.asked && missed_.size() < with_.host.bounds.parked_max)
      missed_.emplace(
          job.posting.uuid,
          ParkedJob{job.posting.uuid, job.flow, job.board_path,
                    "it has not ended, and its node is not on the board: another has removed it; it "
                    "goes on when it is posted again under its uuid",
                    with_.clock.wall(), job.posting.name});
  }
}

void MissingJobs::post_asked() {
  candidates_.each([this](const ports::BoardJob& job) {
    if (const auto asked = unposted_.find(job.posting.uuid);
        asked != unposted_.end() && asked->second.run <= job.posting.run)
      unposted_.erase(asked);
  });
  for (const auto& [uuid, posting] : std::exchange(unposted_, {}))
    with_.board.post(
        posting, alive_.guard([posting = posting](const Result<std::string, ports::BoardError>& posted) {
          if (posted.ok())
            runtime::Log().info("posted: an order has begun this run, and it was not on the board",
                                {{"job", posting.uuid}, {"run", posting.run}, {"node", *posted}});
          else
            runtime::Log().warning(
                "a run that was asked for cannot be posted; tried again",
                {{"job", posting.uuid}, {"run", posting.run}, {"why", posted.error().message}});
        }));
}

void MissingJobs::end_round() {
  post_asked();
  candidates_.each([this](const ports::BoardJob& job) { missed_.erase(job.posting.uuid); });
  std::map<JobId, ParkedJob> shown;
  for (const auto& [uuid, job] : missed_)
    if (const auto before = missed_before_.find(uuid); before != missed_before_.end()) shown.insert(*before);
  for (const auto& [uuid, job] : shown)
    if (!shown_.contains(uuid))
      runtime::Log().warning("missing on the board",
                             {{"job", uuid}, {"flow", job.flow}, {"why", job.reason}});
  for (auto& [uuid, job] : missed_)  // since when it is missed
    if (const auto before = missed_before_.find(uuid); before != missed_before_.end()) job = before->second;
  shown_ = std::move(shown);
  missed_before_ = std::exchange(missed_, {});
  after_ = 0;
}

std::vector<ParkedJob> MissingJobs::shown() const {
  std::vector<ParkedJob> jobs;
  for (const auto& [uuid, job] : shown_) jobs.push_back(job);
  return jobs;
}

}  // namespace baton::conductor
