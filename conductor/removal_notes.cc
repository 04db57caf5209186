#include "conductor/removal_notes.h"

#include <algorithm>
#include <utility>

#include "common/runtime/log.h"

namespace baton::conductor {

RemovalNotes::RemovalNotes(const JobServices& services, const Candidates& candidates)
    : with_(services), candidates_(candidates) {}

void RemovalNotes::begin(const std::vector<std::string>& folders) {
  if (std::exchange(at_it_, true)) return;
  folders_ = folders;
  begin_again();
  next(with_.host.bounds.removal_pause);
}

void RemovalNotes::stop() {
  alive_.renew();
  at_it_ = false;
  gone_before_.clear();
}

void RemovalNotes::begin_again() {
  after_ = noted_until_;
  first_unnoted_.reset();
  gone_.clear();
}

void RemovalNotes::next(Millis pause) {
  with_.clock.after(pause, alive_.guard([this] {
    if (ours_) return read_page();
    gone_before_.clear();
    begin_again();
    next(with_.host.bounds.removal_round);
  }));
}

void RemovalNotes::read_page() {
  with_.host.store.unnoted_removals(
      folders_, after_, with_.host.bounds.removal_page,
      alive_.guard([this](const Result<ports::UnnotedPage, ports::StoreError>& page) {
        if (!page.ok() || !ours_) return next(with_.host.bounds.removal_round);  // the same page again
        look_at(*page);
        after_ = std::max(after_, page->last);
        if (page->more) return next(with_.host.bounds.removal_pause);
        end_round();
        next(with_.host.bounds.removal_round);
      }));
}

void RemovalNotes::look_at(const ports::UnnotedPage& page) {
  for (const auto& job : page.jobs) {
    if (!first_unnoted_) first_unnoted_ = job.end;
    if (gone_.size() < with_.host.bounds.unnoted_kept_max && !candidates_.find(job.board_path))
      gone_.emplace(job.job, job);
  }
  if (!page.jobs.empty()) forget_listed();  // else those that stay there would leave no room
}

void RemovalNotes::forget_listed() {
  candidates_.each([this](const ports::BoardJob& job) { gone_.erase(job.posting.uuid); });
}

void RemovalNotes::end_round() {
  forget_listed();
  for (const auto& [uuid, job] : gone_)
    if (const auto before = gone_before_.find(uuid);
        before != gone_before_.end() && before->second.end == job.end)
      note(job);
  gone_before_ = std::exchange(gone_, {});
  const ports::EndMark sure{after_.at - with_.host.bounds.removal_late, 0};
  const ports::EndMark all =
      first_unnoted_ ? ports::EndMark{first_unnoted_->at, first_unnoted_->number - 1} : sure;
  noted_until_ = std::max(noted_until_, std::min(sure, all));
  begin_again();
}

void RemovalNotes::note(const ports::UnnotedRemoval& job) {
  with_.host.store.mark_removed(
      job.job, job.run, alive_.guard([job](const Result<void, ports::StoreError>& noted) {
        if (noted.ok())  // else it is found again
          runtime::Log().info("noted late: its node has left the board",
                              {{"job", job.job}, {"run", job.run}, {"node", job.board_path}});
      }));
}

}  // namespace baton::conductor
