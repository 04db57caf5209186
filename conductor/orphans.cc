#include "conductor/orphans.h"

namespace baton::conductor {

void Orphans::add(const Incarnation& from, const wire::DeliveryId& delivery) {
  if (waiting_.size() < kWaitingMax) waiting_.emplace(from, delivery);
}

void Orphans::ask() {
  if (asking_ || waiting_.empty()) return;
  asking_ = true;
  std::set<Orphan> asked;
  asked.swap(waiting_);
  std::vector<ports::DeliveryRef> deliveries;
  for (const auto& orphan : asked) deliveries.push_back(ref_of(orphan));
  store_.settled(deliveries, alive_.guard([this, asked = std::move(asked)](const auto& settled) {
    asking_ = false;
    told(asked, settled);
    ask();
  }));
}

void Orphans::told(const std::set<Orphan>& asked,
                   const Result<std::vector<ports::DeliveryRef>, ports::StoreError>& settled) {
  if (!settled.ok()) return;  // they come again
  const std::set<ports::DeliveryRef> over(settled->begin(), settled->end());
  for (const auto& orphan : asked)
    if (over.contains(ref_of(orphan))) outbox_.recorded(orphan.first, orphan.second);
}

void Orphans::forget() {
  alive_.renew();
  waiting_.clear();
  asking_ = false;
}

}  // namespace baton::conductor
