#pragma once

#include <baton/node.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace baton::sdk {

/// What a flow does when something in it failed.
class Retry : public ProvidesSymbols<Retry> {
 public:
  /// Up to so many attempts in all.
  static Retry times(std::uint32_t attempts) {
    Retry retry("times");
    retry.json_["attempts"] = attempts;
    return retry;
  }
  /// One attempt a value; the retry provides the value.
  static Retry for_each(json::array values) {
    Retry retry("for_each");
    retry.json_["values"] = std::move(values);
    return retry;
  }
  /// The same with the values of a symbol.
  static Retry parameterized_for_each(std::string_view symbol) {
    Retry retry("parameterized_for_each");
    json::object rebind;
    rebind["values"] = to_json(symbol);
    retry.json_["rebind"] = std::move(rebind);
    return retry;
  }
  /// Never again: revert this flow, or everything.
  static Retry always_revert() { return Retry("always_revert"); }
  static Retry always_revert_all() { return Retry("always_revert_all"); }

  /// Until so much time has passed since the first failure.
  static Retry timeout(std::chrono::milliseconds budget) { return Retry("timeout").budget(budget); }
  /// A module's policy (retry_policy.h), given these parameters each time; say attempts() or budget() too.
  static Retry user(std::string_view policy, json::value parameters = nullptr) {
    Retry retry("user");
    retry.json_["user_policy"] = to_json(policy);
    if (!parameters.is_null()) retry.json_["parameters"] = std::move(parameters);
    return retry;
  }

  Retry& attempts(std::uint32_t attempts) { return json_["attempts"] = attempts, *this; }
  /// No further attempt once so much time has passed since the first failure; the pause to come counts.
  Retry& budget(std::chrono::milliseconds time) {
    return json_["budget_ms"] = std::int64_t{time.count()}, *this;
  }
  /// When no attempt is left, suspend the flow instead of reverting: who resumes it grants one more.
  Retry& suspend_when_exhausted() { return json_["on_exhausted"] = "suspend", *this; }
  /// Arguments of a module's policy: symbols of the same name.
  Retry& needs(std::initializer_list<std::string_view> symbols) {
    return json_["requires"] = to_json(symbols), *this;
  }

  Retry& named(std::string_view name) { return json_["name"] = to_json(name), *this; }
  /// When it gives up, revert the whole flow, not its own part only.
  Retry& revert_all() { return json_["revert_all"] = true, *this; }
  /// Only failures of these types are tried again.
  Retry& retry_on(std::initializer_list<std::string_view> types) {
    return json_["retry_on"] = to_json(types), *this;
  }

  using Millis = std::chrono::milliseconds;
  /// A pause before the next attempt: `initial`, times `factor` each time, at most `cap`; `jitter` is the
  /// share of the pause that is random.
  Retry& backoff(Millis initial, double factor = 1.0, std::optional<Millis> cap = {}, double jitter = 0.0) {
    json::object backoff{
        {"initial_ms", std::int64_t{initial.count()}}, {"factor", factor}, {"jitter", jitter}};
    if (cap) backoff["cap_ms"] = std::int64_t{cap->count()};
    return json_["backoff"] = std::move(backoff), *this;
  }

  const json::object& json() const { return json_; }

 private:
  friend class ProvidesSymbols<Retry>;
  explicit Retry(const char* policy) { json_["policy"] = policy; }

  json::object json_;
};

}  // namespace baton::sdk
