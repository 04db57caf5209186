#include "conductor/lifeline.h"

namespace baton::conductor {

Lifeline::Lifeline(ports::FlowStore& store, ports::Clock& clock, const Bounds& bounds)
    : store_(store), clock_(clock), bounds_(bounds) {}

void Lifeline::on_change(std::function<void(const std::string& why)> cut_off,
                         std::function<void()> restored) {
  on_cut_off_ = std::move(cut_off);
  on_restored_ = std::move(restored);
}

void Lifeline::store_answered() {
  if (!store_away_ || cut_off_) return;  // once cut off, probes decide
  store_away_ = false;
  recovered();
}

void Lifeline::store_failed(const std::string& why) {
  if (std::exchange(store_away_, true)) return;
  away("the store is away: " + why);
  probe();
}

void Lifeline::bus_away(const std::string& why) {
  if (bus_trouble_ == why) return;
  bus_trouble_ = why;
  if (!why.empty()) return away(why);
  if (!cut_off_) return recovered();
  probe();
}

void Lifeline::away(const std::string& why) {
  trouble_ = why;
  if (grace_ != 0 || cut_off_) return;
  grace_ = clock_.after(bounds_.store_grace, alive_.guard([this] { grace_over(); }));
}

void Lifeline::grace_over() {
  grace_ = 0;
  cut_off_ = true;
  good_probes_ = 0;
  if (on_cut_off_) on_cut_off_(trouble_);
  probe();
}

/// Asks the store until it answers: before the grace is over one good answer does, later several in a row.
void Lifeline::probe() {
  if (std::exchange(probing_, true)) return;
  clock_.after(bounds_.probe_pause, alive_.guard([this] {
    store_.check(alive_.guard([this](const Result<void, ports::StoreError>& answer) {
      probing_ = false;
      good_probes_ = answer.ok() ? good_probes_ + 1 : 0;
      if (!answer.ok()) trouble_ = "the store is away: " + answer.error().message;
      if (!cut_off_ && answer.ok()) return store_answered();
      if (!cut_off_ || good_probes_ < bounds_.probes_wanted || !bus_there()) return probe();
      cut_off_ = store_away_ = false;
      recovered();
    }));
  }));
}

void Lifeline::recovered() {
  if (store_away_ || !bus_there()) return;
  trouble_.clear();
  if (grace_ != 0) clock_.cancel(std::exchange(grace_, 0));
  if (!cut_off_ && on_restored_) on_restored_();
}

}  // namespace baton::conductor
