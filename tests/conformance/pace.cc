#include "tests/conformance/pace.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::conformance {

Pace::CallNumber Pace::begin(double slow_seconds) {
  out_.push_back({++last_, slow_seconds});
  return last_;
}

std::vector<Pace::CallNumber> Pace::next() {
  BATON_ASSERT(!out_.empty());
  std::shuffle(out_.begin(), out_.end(), random_);
  std::stable_sort(out_.begin(), out_.end(),
                   [](const Out& a, const Out& b) { return a.slow_seconds < b.slow_seconds; });
  const auto slower = std::find_if(out_.begin(), out_.end(), [&](const Out& call) {
    return call.slow_seconds > out_.front().slow_seconds;
  });
  const bool one_by_one = random_() % 3 != 0;
  const auto end = one_by_one ? out_.begin() + 1 : slower;
  std::vector<CallNumber> ended;
  for (auto call = out_.begin(); call != end; ++call) ended.push_back(call->call);
  out_.erase(out_.begin(), end);
  return ended;
}

}  // namespace baton::conformance
