#include "common/model/states.h"

#include <array>

#include "common/model/assert.h"

namespace baton {
namespace {

constexpr std::array<std::string_view, 9> kAtomStates{"PENDING",        "RUNNING",   "SUCCESS",
                                                      "FAILURE",        "REVERTING", "REVERTED",
                                                      "REVERT_FAILURE", "RETRYING",  "IGNORE"};
constexpr std::array<std::string_view, 4> kIntentions{"EXECUTE", "REVERT", "RETRY", "IGNORE"};
constexpr std::array<std::string_view, 11> kFlowStates{"PENDING",   "RUNNING",    "SUCCESS",   "FAILURE",
                                                       "REVERTED",  "SUSPENDING", "SUSPENDED", "RESUMING",
                                                       "CANCELLED", "REJECTED",   "TRASHED"};
constexpr std::array<std::string_view, 4> kRetryAnswers{"RETRY", "REVERT", "REVERT_ALL", "SUSPEND"};
constexpr std::array<std::string_view, 3> kJobStates{"UNCLAIMED", "CLAIMED", "COMPLETE"};

template <class Enum, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  BATON_ASSERT(index < N);
  return names[index];
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(AtomState state) {
  return name_of(kAtomStates, state);
}
std::string_view to_string(Intention intention) {
  return name_of(kIntentions, intention);
}
std::string_view to_string(FlowState state) {
  return name_of(kFlowStates, state);
}
std::string_view to_string(JobState state) {
  return name_of(kJobStates, state);
}
std::string_view to_string(RetryAnswer answer) {
  return name_of(kRetryAnswers, answer);
}
std::optional<AtomState> atom_state_from(std::string_view name) {
  return value_of<AtomState>(kAtomStates, name);
}
std::optional<Intention> intention_from(std::string_view name) {
  return value_of<Intention>(kIntentions, name);
}
std::optional<FlowState> flow_state_from(std::string_view name) {
  return value_of<FlowState>(kFlowStates, name);
}
std::optional<RetryAnswer> retry_answer_from(std::string_view name) {
  return value_of<RetryAnswer>(kRetryAnswers, name);
}

bool is_final(FlowState state) {
  switch (state) {
    case FlowState::Success:
    case FlowState::Failure:
    case FlowState::Reverted:
    case FlowState::Cancelled:
    case FlowState::Rejected:
    case FlowState::Trashed:
      return true;
    case FlowState::Pending:
    case FlowState::Running:
    case FlowState::Suspending:
    case FlowState::Suspended:
    case FlowState::Resuming:
      return false;
  }
  BATON_ASSERT(false);
  return false;
}

}  // namespace baton
