#include "tests/simulation/evidence.h"

#include <algorithm>

namespace baton::simulation {

bool Evidence::was_gone(const Incarnation& worker, Micros since, Micros until) const {
  const auto gone = adverts_gone.find(worker), back = adverts_back.find(worker);
  const auto came_back = [&](Micros went) {
    return back != adverts_back.end() && std::any_of(back->second.begin(), back->second.end(),
                                                     [&](Micros at) { return at > went && at <= since; });
  };
  return gone != adverts_gone.end() &&
         std::any_of(gone->second.begin(), gone->second.end(),
                     [&](Micros went) { return went <= until && (went >= since || !came_back(went)); });
}

}  // namespace baton::simulation
