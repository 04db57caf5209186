#include "engine/retry_policy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/model/assert.h"
#include "common/model/limits.h"
#include "engine/arguments.h"
#include "engine/python_equality.h"

namespace baton::engine {
namespace {

using Kind = JsonView::Kind;

/// The letters of a text, whose UTF-8 has passed the border.
std::vector<Value> letters_of(const std::string& text) {
  const auto begins_letter = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  std::vector<Value> letters;
  for (std::size_t from = 0, to = 0; from < text.size(); from = to) {
    to = from + 1;
    while (to < text.size() && !begins_letter(text[to])) ++to;
    letters.push_back(Value::of_string(std::string_view(text).substr(from, to - from)));
  }
  return letters;
}

/// What Python goes over: a list's items, a text's letters, an object's keys.
std::vector<Value> iterated(const JsonView& values) {
  std::vector<Value> offered;
  switch (values.kind()) {
    case Kind::Array:
      for (const JsonView& item : values.items()) offered.push_back(item.value());
      return offered;
    case Kind::Object:
      for (const auto& member : values.members()) offered.push_back(Value::of_string(member.key));
      return offered;
    case Kind::String:
      return letters_of(values.text());
    case Kind::Null:
    case Kind::Bool:
    case Kind::Number:
      return offered;
  }
  BATON_ASSERT(false);
  return offered;
}

std::optional<JsonView> given_values(const RetryCall& call) {
  if (call.arguments.is_null()) return std::nullopt;
  return JsonView(call.arguments).at("values");
}

std::vector<Value> offered_values(const RetryCall& call) {
  if (call.spec.policy == RetryPolicy::ForEach) return call.spec.values;
  const auto values = given_values(call);
  return values ? iterated(*values) : std::vector<Value>();
}

/// The first value left when one occurrence of each value in the history has been taken away.
std::optional<Value> first_left(const RetryCall& call) {
  const std::vector<Value> offered = offered_values(call);
  std::vector<bool> used(offered.size(), false);
  std::size_t first = 0;  // nothing before it is left: values are usually used in their order
  for (const RetryEntry& entry : call.history) {
    for (std::size_t i = first; i < offered.size(); ++i) {
      if (used[i] || !equal_as_python(JsonView(offered[i]), JsonView(entry.value))) continue;
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

/// By the times of failures on record, not by the clock: asked again, it says the same.
bool within_budget(const RetryCall& call, std::uint64_t seed) {
  if (!call.spec.budget || call.history.empty()) return true;
  const auto failed = [](const RetryEntry& entry) { return entry.first_failure_at.has_value(); };
  const auto first = std::find_if(call.history.begin(), call.history.end(), failed);
  if (first == call.history.end()) return true;
  const auto last = call.history.back().first_failure_at.value_or(*first->first_failure_at);
  return last + pause_before_next(call.spec, call.history, seed) <
         *first->first_failure_at + *call.spec.budget;
}

bool attempt_left(const RetryCall& call) {
  const std::size_t made = call.history.size();
  switch (call.spec.policy) {
    case RetryPolicy::Times:
      return made < call.spec.attempts;
    case RetryPolicy::Timeout:
    case RetryPolicy::User:
      return made < kRetryAttemptsMax && (call.spec.attempts == 0 || made < call.spec.attempts);
    case RetryPolicy::ForEach:
    case RetryPolicy::ParameterizedForEach:
      return first_left(call).has_value();
    case RetryPolicy::AlwaysRevert:
    case RetryPolicy::AlwaysRevertAll:
      return false;
  }
  BATON_ASSERT(false);
  return false;
}

Answered given_up(const RetrySpec& retry) {
  const bool all = retry.revert_all || retry.policy == RetryPolicy::AlwaysRevertAll;
  return {all ? RetryAnswer::RevertAll : RetryAnswer::Revert, {}};
}

Answered asked_user(const RetryCall& call, const std::string& failed, const Failure& failure,
                    const UserRetries& users) {
  auto said = users.on_failure(call, failed, failure);
  if (said) return {*said, {}};
  Answered answered = given_up(call.spec);
  answered.why =
      "its policy '" + call.spec.user_policy + "' failed: " + said.error().type + ": " + said.error().message;
  return answered;
}

/// Why there is no value to try.
Failure no_value(const RetryCall& call) {
  const std::string retry = "retry '" + call.retry + "'";
  const auto values = given_values(call);
  const bool list = !values || values->kind() == Kind::Array || values->kind() == Kind::Object ||
                    values->kind() == Kind::String;
  if (call.spec.policy == RetryPolicy::ParameterizedForEach && !list)
    return Failure::make(std::string(failure_type::kWrongType),
                         retry + " takes its values from a list; the symbol '" +
                             std::string(values_symbol(call.spec)) + "' is " +
                             std::string(to_string(values->kind())));
  return Failure::make(std::string(failure_type::kNotFound),
                       retry + " has no value left to try: " + std::to_string(offered_values(call).size()) +
                           " given, " + std::to_string(call.history.size()) + " tried");
}

}  // namespace

Result<Value, Failure> execute_retry(const RetryCall& call, const UserRetries* users) {
  switch (call.spec.policy) {
    case RetryPolicy::Times:
    case RetryPolicy::Timeout:
      return Value::of_number(static_cast<std::int64_t>(call.history.size()) + 1);
    case RetryPolicy::ForEach:
    case RetryPolicy::ParameterizedForEach: {
      if (auto value = first_left(call)) return *std::move(value);
      return Fail(no_value(call));
    }
    case RetryPolicy::AlwaysRevert:
    case RetryPolicy::AlwaysRevertAll:
      return Value();
    case RetryPolicy::User:
      BATON_ASSERT(users != nullptr);  // Engine::make has looked
      return users->execute(call);
  }
  BATON_ASSERT(false);
  return Value();
}

Answered answer_failure(const RetryCall& call, const std::string& failed, const Failure& failure,
                        std::uint64_t seed, const UserRetries* users) {
  const auto& types = call.spec.retry_on;
  const bool listed = types.empty() || std::find(types.begin(), types.end(), failure.type) != types.end();
  if (!listed) return given_up(call.spec);
  if (attempt_left(call) && within_budget(call, seed)) {
    if (call.spec.policy != RetryPolicy::User) return {RetryAnswer::Retry, {}};
    BATON_ASSERT(users != nullptr);
    return asked_user(call, failed, failure, *users);
  }
  if (call.spec.on_exhausted == OnExhausted::Suspend) return {RetryAnswer::Suspend, {}};
  return given_up(call.spec);
}

Millis pause_before_next(const RetrySpec& retry, const RetryHistory& history, std::uint64_t seed) {
  if (!retry.backoff) return Millis(0);
  static constexpr double kPauseMax =
      10.0 * 366 * 24 * 3600 * 1000;  // as long as any time that read_flow takes
  const Backoff& backoff = *retry.backoff;
  const auto attempts = static_cast<double>(history.size());
  const double cap = backoff.cap ? static_cast<double>(backoff.cap->count()) : kPauseMax;
  const double grown =
      static_cast<double>(backoff.initial.count()) * std::pow(backoff.factor, attempts - 1.0);
  const double pause = std::min(grown, cap);
  const double share = static_cast<double>(mixed(seed + history.size()) >> 11) * 0x1.0p-53;  // 0 … 1
  return Millis(static_cast<std::int64_t>(pause * (1.0 - backoff.jitter * share)));
}

}  // namespace baton::engine
