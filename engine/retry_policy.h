#pragma once

#include <optional>
#include <string_view>

#include "common/model/atom_record.h"
#include "common/model/time.h"
#include "engine/flow.h"

namespace baton::engine {

/// What a retry says to a failure of its flow (semantics.md 23).
enum class RetryAnswer : std::uint8_t { Retry, Revert, RevertAll };
std::string_view to_string(RetryAnswer);  // RETRY, REVERT, REVERT_ALL

/// The policies, deterministic over the recorded history (semantics.md 30). `values`: the argument of
/// parameterized_for_each, null for the others.
Result<Value, Failure> execute_retry(const RetrySpec&, const RetryHistory&, const Value& values);
RetryAnswer answer_failure(const RetrySpec&, const RetryHistory&, const Value& values, const Failure&);

/// The pause before the attempt that follows `attempts` of them. Jitter takes away up to its share of the
/// pause; how much follows from the seed, so that the same record always gives the same pause.
Millis pause_of(const Backoff&, std::size_t attempts, std::uint64_t seed);

}  // namespace baton::engine
