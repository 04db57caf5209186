#include "conductor/stall_watch.h"

#include <algorithm>
#include <utility>

#include "common/runtime/log.h"
#include "conductor/flow_source.h"

namespace baton::conductor {
namespace {

Millis age_of(TimePoint since, TimePoint now) {
  return std::chrono::duration_cast<Millis>(now - since);
}

}  // namespace

StallWatch::StallWatch(ports::HookStore& store, ports::Clock& clock, const Bounds& bounds, HookDesk& desk,
                       EachOnBoard each)
    : store_(store),
      clock_(clock),
      bounds_(bounds),
      desk_(desk),
      each_on_board_(std::move(each)),
      shortest_(desk.book().stalled_after().value_or(Millis{0})),
      pause_(std::clamp(shortest_ / 4, bounds.stall_look_min, bounds.stall_look_max)) {}

void StallWatch::look_later(Millis pause) {
  clock_.after(pause, alive_.guard([this] { read_page(); }));
}

void StallWatch::read_page() {
  store_.stalled_jobs(shortest_, after_, bounds_.stall_page,
                      alive_.guard([this](const Result<ports::StalledPage, ports::StoreError>& page) {
                        if (!page.ok()) return look_later(pause_);  // the same page again
                        judge(*page);
                        after_ = page->last;
                        if (!page->more) judge_board();
                        record([this, more = page->more] { more ? read_page() : end_round(); });
                      }));
}

void StallWatch::judge(const ports::StalledPage& page) {
  for (const auto& job : page.jobs)
    add({job.job, job.name, job.flow_name, job.priority}, job.state, job.run, job.flow, job.last_seq,
        job.since, age_of(job.since, page.now));
}

void StallWatch::judge_board() {
  const TimePoint now = clock_.wall();
  each_on_board_([this, now](const ports::BoardJob& job) {
    if (job.claimed || age_of(job.posted_at, now) < shortest_ || new_.size() >= bounds_.stall_page) return;
    const Posting& posting = job.posting;
    add({posting.uuid, posting.name, flow_name_of(posting), posting.priority}, FlowState::Pending,
        posting.run, std::nullopt, 0, job.posted_at, age_of(job.posted_at, now));
  });
}

void StallWatch::add(const HookSubject& subject, FlowState state, std::uint32_t run,
                     std::optional<FlowId> flow, std::uint64_t occasion, TimePoint since, Millis age) {
  for (auto& call : desk_.book().at_stall(subject, state, since, age)) {
    const Stall stall{subject.job, run, occasion, call.hook};
    if (seen_.insert(stall).second && !seen_before_.contains(stall))
      new_.push_back({subject.job, run, flow, occasion, std::move(call)});
  }
}

void StallWatch::record(std::function<void()> then) {
  if (new_.empty()) return then();
  auto stalls = std::exchange(new_, {});
  store_.record_stalls(stalls, alive_.guard([this, count = stalls.size(), then = std::move(then)](
                                                const Result<void, ports::StoreError>& recorded) {
    if (!recorded.ok()) {  // all of it anew
      seen_.clear(), seen_before_.clear(), after_ = 0;
      return look_later(pause_);
    }
    desk_.recorded(count);
    then();
  }));
}

void StallWatch::end_round() {
  seen_before_ = std::exchange(seen_, {});
  after_ = 0;
  look_later(pause_);
}

}  // namespace baton::conductor
