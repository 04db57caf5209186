#include "conductor/sweeper.h"

#include "common/runtime/log.h"

namespace baton::conductor {

Sweeper::Sweeper(const JobServices& services, std::function<bool(const std::string& path)> stands)
    : with_(services), stands_(std::move(stands)) {}

void Sweeper::begin(std::uint32_t generation, const std::vector<std::string>& folders) {
  if (at_it_ && generation == sweep_.generation) return;
  stop();
  at_it_ = true;
  folders_ = folders;
  sweep_ = {generation, folders.front(), with_.self.incarnation};
  after_ = reposted_ = left_ = 0;
  take();
}

void Sweeper::stop() {
  at_it_ = false;
  alive_.renew();
  page_ = {};
}

/// Before each page: the turn is kept by taking it again.
void Sweeper::take() {
  with_.host.store.take_sweep(sweep_,
                              alive_.guard([this](const Result<ports::SweepTurn, ports::StoreError>& whose) {
                                whose.ok() ? turn(*whose) : trouble(whose.error().message);
                              }));
}

void Sweeper::later(Millis pause) {
  with_.clock.after(pause, alive_.guard([this] { take(); }));
}

void Sweeper::turn(ports::SweepTurn whose) {
  switch (whose) {
    case ports::SweepTurn::Ours:
      return read_page();
    case ports::SweepTurn::Anothers:  // who may die at it
      after_ = 0;
      return later(ports::kSweepLease);
    case ports::SweepTurn::Over:
      return stop();
  }
  BATON_ASSERT(false);
}

void Sweeper::read_page() {
  with_.host.store.unfinished(folders_, after_, with_.host.bounds.sweep_page,
                              alive_.guard([this](Result<ports::UnfinishedPage, ports::StoreError> page) {
                                if (!page.ok()) return trouble(page.error().message);
                                page_ = std::move(page).value();
                                post(page_);
                              }));
}

void Sweeper::post(const ports::UnfinishedPage& page) {
  for (const auto& uuid : page.unreadable)
    runtime::Log().error(
        "a job that has not ended cannot be posted again: its recorded posting is unreadable",
        {{"job", uuid}});
  failed_.clear();
  under_way_ = page.jobs.size();
  if (under_way_ == 0) return page_done();
  for (const auto& job : page.jobs)
    with_.board.post(job.posting, alive_.guard([this, job](const Posted& done) {
      posted(job, done);
      if (--under_way_ == 0) page_done();
    }));
}

void Sweeper::posted(const ports::UnfinishedJob& job, const Posted& done) {
  if (!done.ok() && done.error().code != ports::BoardErrorCode::TooLarge) {
    failed_ = done.error().message;
    return;
  }
  if (!done.ok())
    return runtime::Log().error("a job that has not ended cannot be posted again",
                                {{"job", job.posting.uuid}, {"why", done.error().message}});
  if (stands_(*done)) return ++left_, void();
  ++reposted_;
  ++with_.host.counters.jobs_reposted;
  runtime::Log().info("posted again",
                      {{"job", job.posting.uuid}, {"node", *done}, {"before", job.board_path}});
}

void Sweeper::page_done() {
  if (!failed_.empty()) return trouble(failed_);  // the same page again: what is there is not posted twice
  after_ = std::max(after_, page_.last);
  const bool more = std::exchange(page_, {}).more;
  progress_.write(runtime::Log(), runtime::LogLevel::Info, with_.clock.steady(), "sweeping the board",
                  {{"generation", sweep_.generation}, {"posted_again", reposted_}, {"on_the_board", left_}});
  more ? take() : finish();
}

void Sweeper::finish() {
  with_.host.store.end_sweep(sweep_, alive_.guard([this](const Result<void, ports::StoreError>& ended) {
    if (!ended.ok()) return trouble(ended.error().message);
    at_it_ = false;
    ++with_.host.counters.sweeps;
    runtime::Log().info(
        "swept the board: what has not ended is on it",
        {{"generation", sweep_.generation}, {"posted_again", reposted_}, {"on_the_board", left_}});
  }));
}

void Sweeper::trouble(const std::string& why) {
  troubles_.write(runtime::Log(), runtime::LogLevel::Warning, with_.clock.steady(),
                  "the board's sweep is tried again", {{"why", why}});
  later(with_.host.bounds.claim_retry_pause);
}

}  // namespace baton::conductor
