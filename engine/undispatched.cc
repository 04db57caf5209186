#include "engine/undispatched.h"

#include <algorithm>
#include <array>

namespace baton::engine {
namespace {

constexpr std::array kEngineOnly{failure_type::kMissingSymbol, failure_type::kArgumentsTooLarge,
                                 failure_type::kDeciderFailed};

}  // namespace

bool never_dispatched(const Failure& failure) {
  return std::find(kEngineOnly.begin(), kEngineOnly.end(), failure.type) != kEngineOnly.end();
}

Failure as_reported(Failure failure) {
  if (never_dispatched(failure)) failure.type = "Task." + failure.type;
  return failure;
}

}  // namespace baton::engine
