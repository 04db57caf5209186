#pragma once

#include <optional>

#include "common/model/time.h"
#include "engine/user_retries.h"

namespace baton::engine {

/// So many attempts of a flow, of whatever atoms, may fail at one and the same moment without any worker's
/// help; then its retries pause, whatever their policies.
inline constexpr std::size_t kUnaidedFailuresMax = 16;
inline constexpr Millis kUnaidedPause{1'000};

/// The others are given no arguments: what nobody reads costs nothing.
constexpr bool looks_at_arguments(RetryPolicy policy) {
  return policy == RetryPolicy::ParameterizedForEach || policy == RetryPolicy::User;
}

/// The engine's own policies, deterministic over their recorded history (semantics.md 30). Policy User goes
/// to `users`, within the bounds that all share.
Result<Value, Failure> execute_retry(const RetryCall&, const UserRetries* users);

struct Answered {
  RetryAnswer answer = RetryAnswer::Revert;
  std::string why;  // for the history, where the answer alone does not say it; may be empty
};
/// `seed`: as of pause_before_next. The failure is noted in the history already.
Answered answer_failure(const RetryCall&, const std::string& failed, const Failure&, std::uint64_t seed,
                        const UserRetries* users);

/// The pause before the attempt that follows the history. Jitter takes away up to its share of the pause; how
/// much follows from the seed, so that the same record always gives the same pause.
Millis pause_before_next(const RetrySpec&, const RetryHistory&, std::uint64_t seed);

}  // namespace baton::engine
