#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "common/model/fact.h"
#include "common/model/ids.h"
#include "common/model/time.h"
#include "engine/plan.h"

namespace baton::conductor {

/// One committed step of one flow. References live during the callback only.
struct FlowStepped {
  const JobId& job;
  FlowId flow;
  std::uint32_t run;
  TimePoint at;              // this process' wall clock, for people
  const engine::Plan& plan;  // the atoms' names
  const std::vector<Fact>& facts;
};

/// Tells of every step that this conductor has committed, after the commit and before what it causes. Nothing
/// is kept: who subscribes later reads what was before in the FlowStore's history, and whoever is slow
/// buffers (with a bound) or drops for himself. Owner's thread only; callbacks inline on it.
class EventFeed {
 public:
  using Subscription = std::uint64_t;
  using Callback = std::function<void(const FlowStepped&)>;
  static constexpr std::size_t kSubscribersMax = 256;

  /// Of one job, or of all (nullopt). nullopt as answer: kSubscribersMax are there, try later.
  std::optional<Subscription> subscribe(std::optional<JobId>, Callback);
  /// Also from inside a callback. Unknown ones are ignored. No call comes after it returned.
  void unsubscribe(Subscription);

  void publish(const FlowStepped&);
  bool idle() const { return subscribers_.empty(); }

 private:
  struct Subscriber {
    std::optional<JobId> job;
    Callback callback;
  };
  std::map<Subscription, Subscriber> subscribers_;
  Subscription last_ = 0;
};

}  // namespace baton::conductor
