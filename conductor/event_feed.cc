#include "conductor/event_feed.h"

namespace baton::conductor {

std::optional<EventFeed::Subscription> EventFeed::subscribe(std::optional<JobId> job, Callback callback) {
  if (subscribers_.size() >= kSubscribersMax) return std::nullopt;
  subscribers_.emplace(++last_, Subscriber{std::move(job), std::move(callback)});
  return last_;
}

void EventFeed::unsubscribe(Subscription subscription) {
  subscribers_.erase(subscription);
}

void EventFeed::publish(const FlowStepped& stepped) {
  if (subscribers_.empty()) return;
  std::vector<Subscription> listening;  // a callback may subscribe and unsubscribe
  for (const auto& [id, subscriber] : subscribers_)
    if (!subscriber.job || *subscriber.job == stepped.job) listening.push_back(id);
  for (const Subscription id : listening) {
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end()) continue;
    const Callback callback = found->second.callback;
    callback(stepped);
  }
}

}  // namespace baton::conductor
