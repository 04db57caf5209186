#pragma once

#include "common/ports/clock.h"

namespace baton::conductor {

/// The database's time as this process knows it: what the last claim or load said, moved on by our steady
/// clock. Before the first one: our wall clock.
class StoreTime {
 public:
  explicit StoreTime(const ports::Clock& clock) : clock_(clock) {}

  void heard(TimePoint database_now) {
    if (database_now == TimePoint{}) return;
    told_ = database_now;
    told_at_ = clock_.steady();
  }
  TimePoint now() const {
    return told_ == TimePoint{} ? clock_.wall() : told_ + (clock_.steady() - told_at_);
  }

 private:
  const ports::Clock& clock_;
  TimePoint told_{};
  Micros told_at_{0};
};

}  // namespace baton::conductor
