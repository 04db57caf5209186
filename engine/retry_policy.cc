#include "engine/retry_policy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/model/assert.h"
#include "engine/json_view.h"

namespace baton::engine {
namespace {

std::vector<Value> offered_values(const RetrySpec& retry, const Value& values) {
  if (retry.policy == RetryPolicy::ForEach) return retry.values;
  std::vector<Value> offered;
  const JsonView view(values);
  if (view.kind() == JsonView::Kind::Array)
    for (const JsonView& item : view.items()) offered.push_back(item.value());
  return offered;
}

bool equal(const Value& a, const Value& b) {
  return a == b || equals_as_python(a.tree(), b.tree());
}

/// The first value left when one occurrence of each value in the history has been taken away.
std::optional<Value> first_left(const RetrySpec& retry, const RetryHistory& history, const Value& values) {
  const std::vector<Value> offered = offered_values(retry, values);
  std::vector<bool> used(offered.size(), false);
  std::size_t first = 0;  // nothing before it is left: values are usually used in their order
  for (const RetryEntry& entry : history) {
    for (std::size_t i = first; i < offered.size(); ++i) {
      if (used[i] || !equal(offered[i], entry.value)) continue;
      used[i] = true;
      break;
    }
    while (first < used.size() && used[first]) ++first;
  }
  if (first == offered.size()) return std::nullopt;
  return offered[first];
}

/// splitmix64: neighbouring numbers in, numbers that look independent out.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15;
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

bool goes_on(const RetrySpec& retry, const RetryHistory& history, const Value& values) {
  switch (retry.policy) {
    case RetryPolicy::Times:
      return history.size() < retry.attempts;
    case RetryPolicy::ForEach:
    case RetryPolicy::ParameterizedForEach:
      return first_left(retry, history, values).has_value();
    case RetryPolicy::AlwaysRevert:
    case RetryPolicy::AlwaysRevertAll:
      return false;
  }
  BATON_ASSERT(false);
  return false;
}

}  // namespace

std::string_view to_string(RetryAnswer answer) {
  switch (answer) {
    case RetryAnswer::Retry:
      return "RETRY";
    case RetryAnswer::Revert:
      return "REVERT";
    case RetryAnswer::RevertAll:
      return "REVERT_ALL";
  }
  BATON_ASSERT(false);
  return {};
}

Result<Value, Failure> execute_retry(const RetrySpec& retry, const RetryHistory& history,
                                     const Value& values) {
  switch (retry.policy) {
    case RetryPolicy::Times:
      return Value::of_number(static_cast<std::int64_t>(history.size()) + 1);
    case RetryPolicy::ForEach:
    case RetryPolicy::ParameterizedForEach: {
      if (auto value = first_left(retry, history, values)) return *std::move(value);
      return Fail(Failure::make(std::string(failure_type::kNotFound),
                                "retry '" + retry.name + "' has no value left to try: " +
                                    std::to_string(offered_values(retry, values).size()) + " given, " +
                                    std::to_string(history.size()) + " tried"));
    }
    case RetryPolicy::AlwaysRevert:
    case RetryPolicy::AlwaysRevertAll:
      return Value();
  }
  BATON_ASSERT(false);
  return Value();
}

RetryAnswer answer_failure(const RetrySpec& retry, const RetryHistory& history, const Value& values,
                           const Failure& failure) {
  const auto& types = retry.retry_on;
  const bool listed = types.empty() || std::find(types.begin(), types.end(), failure.type) != types.end();
  if (listed && goes_on(retry, history, values)) return RetryAnswer::Retry;
  const bool all = retry.revert_all || retry.policy == RetryPolicy::AlwaysRevertAll;
  return all ? RetryAnswer::RevertAll : RetryAnswer::Revert;
}

Millis pause_of(const Backoff& backoff, std::size_t attempts, std::uint64_t seed) {
  static constexpr double kPauseMax =
      10.0 * 366 * 24 * 3600 * 1000;  // as long as any time that read_flow takes
  const double cap = backoff.cap ? static_cast<double>(backoff.cap->count()) : kPauseMax;
  const double grown = static_cast<double>(backoff.initial.count()) *
                       std::pow(backoff.factor, static_cast<double>(attempts) - 1.0);
  const double pause = std::min(grown, cap);
  const double share = static_cast<double>(mixed(seed + attempts) >> 11) * 0x1.0p-53;  // 0 … 1
  return Millis(static_cast<std::int64_t>(pause * (1.0 - backoff.jitter * share)));
}

}  // namespace baton::engine
