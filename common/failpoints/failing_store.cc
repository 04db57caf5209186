#include "common/failpoints/failing_store.h"

#include <algorithm>

namespace baton::failpoints {

template <class T>
ports::FlowStore::Done<T> FailingStore::watched(Done<T> done) const {
  return [&failpoint = failpoint_, done = std::move(done)](Result<T, ports::StoreError> answer) {
    failpoint.pass(Moment::Committed);
    done(std::move(answer));
  };
}

void FailingStore::claim(const ports::ClaimRequest& request, Done<ports::ClaimOutcome> done) {
  failpoint_.pass(Moment::Commit);
  store_.claim(request, watched(std::move(done)));
}

void FailingStore::append(ports::StepWrite write, Done<void> done) {
  failpoint_.pass(Moment::Commit);
  const bool ends = std::any_of(write.facts.begin(), write.facts.end(), [](const Fact& fact) {
    const auto* flow = std::get_if<FlowFact>(&fact.body);
    return flow && is_final(flow->state);
  });
  if (ends)
    done = [&failpoint = failpoint_, done = std::move(done)](Result<void, ports::StoreError> answer) {
      failpoint.pass(Moment::Ended);
      done(std::move(answer));
    };
  store_.append(std::move(write), watched(std::move(done)));
}

}  // namespace baton::failpoints
