#include "common/model/range_state.h"

namespace baton {

AtomState state_between(const std::vector<Fact>& ranges, AtomIndex atom, AtomState row, std::uint64_t after,
                        std::uint64_t before) {
  AtomState state = row;
  std::uint64_t last = after;
  for (const Fact& fact : ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    const bool covers = atom >= range.first && atom - range.first < range.count;
    const bool ignores = range.intention == Intention::Ignore;
    if (!covers || !(range.reset || ignores) || fact.seq <= last || fact.seq >= before) continue;
    state = ignores ? AtomState::Ignore : AtomState::Pending;
    last = fact.seq;
  }
  return state;
}

}  // namespace baton
