#pragma once

#include <array>
#include <string_view>

#include "engine/flow.h"
#include "engine/json_fields.h"

/// The names that flows in JSON are written with: conformance/FORMAT.md's and Baton's own. Reader and writer
/// use the same tables.
namespace baton::engine::flow_members {

inline constexpr std::array<std::string_view, 6> kFlow{"name",  "pattern", "retry",
                                                       "nodes", "links",   "description"};
inline constexpr std::array<std::string_view, 1> kNestedFlow{"flow"};
inline constexpr std::array<std::string_view, 15> kTask{"task",
                                                        "name",
                                                        "requires",
                                                        "rebind",
                                                        "revert_requires",
                                                        "provides",
                                                        "inject",
                                                        "labels",
                                                        "timeouts",
                                                        "priority",
                                                        "on_worker_loss",
                                                        "max_deliveries",
                                                        "irreversible",
                                                        "on_revert_failure",
                                                        "description"};
inline constexpr std::array<std::string_view, 14> kRetry{
    "name",   "policy",  "attempts", "values",    "revert_all",   "provides",    "requires",
    "rebind", "backoff", "retry_on", "budget_ms", "on_exhausted", "user_policy", "parameters"};
inline constexpr std::array<std::string_view, 4> kLink{"from", "to", "when", "depth"};
inline constexpr std::array<std::string_view, 4> kWhen{"result_of", "equals", "const", "raise"};
inline constexpr std::array<std::string_view, 1> kProvidesKeys{"keys"};
inline constexpr std::array<std::string_view, 4> kTimeouts{"schedule_to_start_ms", "start_to_close_ms",
                                                           "heartbeat_ms", "abandon_after_ms"};
inline constexpr std::array<std::string_view, 4> kBackoff{"initial_ms", "factor", "cap_ms", "jitter"};

inline constexpr std::array<Choice<Pattern>, 3> kPatterns{
    {{"linear", Pattern::Linear}, {"unordered", Pattern::Unordered}, {"graph", Pattern::Graph}}};
inline constexpr std::array<Choice<RetryPolicy>, 7> kPolicies{
    {{"times", RetryPolicy::Times},
     {"for_each", RetryPolicy::ForEach},
     {"parameterized_for_each", RetryPolicy::ParameterizedForEach},
     {"always_revert", RetryPolicy::AlwaysRevert},
     {"always_revert_all", RetryPolicy::AlwaysRevertAll},
     {"timeout", RetryPolicy::Timeout},
     {"user", RetryPolicy::User}}};
inline constexpr std::array<Choice<OnExhausted>, 2> kOnExhausted{
    {{"revert", OnExhausted::Revert}, {"suspend", OnExhausted::Suspend}}};
inline constexpr std::array<Choice<DeciderDepth>, 4> kDepths{{{"all", DeciderDepth::All},
                                                              {"flow", DeciderDepth::Flow},
                                                              {"neighbors", DeciderDepth::Neighbors},
                                                              {"atom", DeciderDepth::Atom}}};
inline constexpr std::array<Choice<OnWorkerLoss>, 2> kOnWorkerLoss{
    {{"redeliver", OnWorkerLoss::Redeliver}, {"fail", OnWorkerLoss::Fail}}};
inline constexpr std::array<Choice<OnRevertFailure>, 2> kOnRevertFailure{
    {{"stop", OnRevertFailure::Stop}, {"continue", OnRevertFailure::Continue}}};

template <class Enum, std::size_t N>
constexpr std::string_view name_of(const std::array<Choice<Enum>, N>& choices, Enum value) {
  for (const auto& [name, each] : choices)
    if (each == value) return name;
  return {};
}

}  // namespace baton::engine::flow_members
