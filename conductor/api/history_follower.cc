#include "conductor/api/history_follower.h"

#include <utility>

namespace baton::api {
namespace {

constexpr std::uint32_t kRowsPerRead = 200;

bool ends_flow(const conductor::FlowStepped& stepped) {
  if (stepped.facts.empty()) return false;
  const auto* flow = std::get_if<FlowFact>(&stepped.facts.back().body);
  return flow && is_final(flow->state);
}

}  // namespace

HistoryFollower::HistoryFollower(const Backend& backend, const Limits& limits, std::optional<JobId> job,
                                 std::uint64_t after_id)
    : backend_(backend),
      limits_(limits),
      job_(std::move(job)),
      after_(after_id),
      read_at_(backend.clock.steady() - limits.follow_pace) {}

void HistoryFollower::next(Next next) {
  BATON_ASSERT(!next_ && !stopped_);
  next_ = std::move(next);
  const auto weak = weak_from_this();
  if (!subscription_)  // at the feed's bound the tick alone finds what is new
    subscription_ = backend_.feed.subscribe(job_, [weak](const conductor::FlowStepped& stepped) {
      if (const auto self = weak.lock()) self->wake(ends_flow(stepped));
    });
  heartbeat_ = backend_.clock.after(limits_.stream_heartbeat, [weak] {
    const auto self = weak.lock();
    if (!self) return;
    self->heartbeat_.reset();
    self->deliver({{}, std::exchange(self->trouble_, {})});
  });
  if (dirty_)
    read_when_due();
  else
    look_again_after(limits_.follow_tick);
}

void HistoryFollower::stop() {
  stopped_ = true;
  next_ = nullptr;
  if (subscription_) backend_.feed.unsubscribe(*std::exchange(subscription_, std::nullopt));
  if (tick_) backend_.clock.cancel(*std::exchange(tick_, std::nullopt));
  if (heartbeat_) backend_.clock.cancel(*std::exchange(heartbeat_, std::nullopt));
}

void HistoryFollower::wake(bool at_once) {
  dirty_ = true;
  if (!next_) return;
  at_once ? read() : read_when_due();
}

void HistoryFollower::read_when_due() {
  if (paced_) return;
  const Micros rest = read_at_ + limits_.follow_pace - backend_.clock.steady();
  if (rest <= Micros{0}) return read();
  look_again_after(std::chrono::ceil<Millis>(rest));
  paced_ = true;
}

void HistoryFollower::look_again_after(Millis pause) {
  if (tick_) backend_.clock.cancel(*tick_);
  paced_ = false;
  tick_ = backend_.clock.after(pause, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->tick_.reset();
      self->paced_ = false;
      self->wake(true);
    }
  });
}

void HistoryFollower::read() {
  if (reading_) return;
  reading_ = true;
  dirty_ = false;
  read_at_ = backend_.clock.steady();
  const auto weak = weak_from_this();
  if (!job_) {
    backend_.store.events(after_, kRowsPerRead, [weak](Result<ports::EventPage, ports::StoreError> page) {
      const auto self = weak.lock();
      if (!self || self->stopped_) return;
      if (!page.ok()) return self->on_trouble(page.error());
      if (self->after_ == ports::kFromNow) self->after_ = page->last_id;
      self->on_rows(std::move(page->rows), page->more);
    });
    return;
  }
  backend_.store.history(
      *job_, after_, kRowsPerRead, [weak](Result<ports::HistoryPage, ports::StoreError> page) {
        const auto self = weak.lock();
        if (!self || self->stopped_) return;
        if (!page.ok() && page.error().code != ports::StoreErrorCode::NotFound)  // not claimed yet: no rows
          return self->on_trouble(page.error());
        std::vector<ports::EventRow> rows;
        if (page.ok())
          for (auto& row : page->rows) rows.push_back({*self->job_, std::move(row)});
        self->on_rows(std::move(rows), page.ok() && page->more);
      });
}

void HistoryFollower::on_rows(std::vector<ports::EventRow> rows, bool more) {
  reading_ = false;
  trouble_.clear();
  if (!next_) {  // the heartbeat was faster: read them again when they are asked for
    dirty_ = true;
    return;
  }
  const std::size_t read_rows = rows.size();
  if (!job_) rows.resize(without_gap(rows));
  if (more || rows.size() < read_rows) dirty_ = true;
  if (!rows.empty()) {
    after_ = rows.back().row.id;
    return deliver({std::move(rows), {}});
  }
  if (read_rows > 0) return look_again_after(limits_.gap_tick);
  if (dirty_) return read_when_due();  // a step was committed meanwhile
  look_again_after(limits_.follow_tick);
}

void HistoryFollower::on_trouble(const ports::StoreError& error) {
  reading_ = false;
  trouble_ = error.message;  // told with the next heartbeat
  dirty_ = true;
  look_again_after(limits_.follow_tick);
}

std::size_t HistoryFollower::without_gap(const std::vector<ports::EventRow>& rows) const {
  const TimePoint settled = backend_.clock.wall() - limits_.gap_wait;
  std::uint64_t expected = after_ + 1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].row.id != expected && rows[i].row.at > settled) return i;
    expected = rows[i].row.id + 1;
  }
  return rows.size();
}

void HistoryFollower::deliver(Batch batch) {
  if (heartbeat_) backend_.clock.cancel(*std::exchange(heartbeat_, std::nullopt));
  const auto next = std::exchange(next_, nullptr);
  next(std::move(batch));
}

}  // namespace baton::api
