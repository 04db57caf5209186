#include "engine/failures_told.h"

#include <vector>

#include "common/model/limits.h"
#include "engine/flow_book.h"

namespace baton::engine {

const FailuresTold::List& FailuresTold::of(const FlowBook& book) {
  if (made_) return list_;
  std::vector<std::pair<std::string, Failure>> failures;
  failures.reserve(kRevertFailuresMax);
  std::size_t bytes = 0;
  const auto end = static_cast<AtomIndex>(book.size());
  AtomIndex atom = book.failed().next(0, end);
  for (; atom != end; atom = book.failed().next(atom + 1, end)) {
    const Failure& failure = *book.atom(atom).failure;
    const std::string& name = book.plan().name(atom);
    bytes += name.size() + failure.type.size() + failure.message.size() + failure.details.json().size();
    if (failures.size() == kRevertFailuresMax || bytes > kRevertFailuresBytesMax) break;
    failures.emplace_back(name, failure);
  }
  list_ = std::move(failures);
  // The first that has no room counts: without it, the next might have.
  end_ = atom == end ? end : atom + 1;
  made_ = true;
  return list_;
}

}  // namespace baton::engine
