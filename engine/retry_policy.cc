#include "engine/retry_policy.h"

#include <algorithm>
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

RetryAnswer answer_failure(const RetrySpec& retry, const RetryHistory& history, const Value& values) {
  if (goes_on(retry, history, values)) return RetryAnswer::Retry;
  const bool all = retry.revert_all || retry.policy == RetryPolicy::AlwaysRevertAll;
  return all ? RetryAnswer::RevertAll : RetryAnswer::Revert;
}

}  // namespace baton::engine
