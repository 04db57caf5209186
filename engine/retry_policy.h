#pragma once

#include <optional>
#include <string_view>

#include "common/model/atom_record.h"
#include "engine/flow.h"

namespace baton::engine {

/// What a retry says to a failure of its flow (semantics.md 23).
enum class RetryAnswer : std::uint8_t { Retry, Revert, RevertAll };
std::string_view to_string(RetryAnswer);  // RETRY, REVERT, REVERT_ALL

/// The policies, deterministic over the recorded history (semantics.md 30). `values`: the argument of
/// parameterized_for_each, null for the others.
Result<Value, Failure> execute_retry(const RetrySpec&, const RetryHistory&, const Value& values);
RetryAnswer answer_failure(const RetrySpec&, const RetryHistory&, const Value& values);

}  // namespace baton::engine
