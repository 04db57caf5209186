#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// TaskFlow's names (DESIGN.md section 1). The numbers are stored in Postgres: append only, never renumber.
namespace baton {

enum class AtomState : std::uint8_t {
  Pending = 0,
  Running = 1,
  Success = 2,
  Failure = 3,
  Reverting = 4,
  Reverted = 5,
  RevertFailure = 6,
  Retrying = 7,
  Ignore = 8
};

enum class Intention : std::uint8_t { Execute = 0, Revert = 1, Retry = 2, Ignore = 3 };

/// Cancelled, Rejected and Trashed are Baton's own: asked for by a person; parameters refused or does not
/// compile; an unreadable node, other content under a known uuid, or a poison job.
enum class FlowState : std::uint8_t {
  Pending = 0,
  Running = 1,
  Success = 2,
  Failure = 3,
  Reverted = 4,
  Suspending = 5,
  Suspended = 6,
  Resuming = 7,
  Cancelled = 8,
  Rejected = 9,
  Trashed = 10
};

/// What a retry says to a failure of its flow (semantics.md 23). Suspend is Baton's own: its attempts are
/// used up, and a person is to look before anything is reverted.
enum class RetryAnswer : std::uint8_t { Retry = 0, Revert = 1, RevertAll = 2, Suspend = 3 };

/// What is on the board.
enum class JobState : std::uint8_t { Unclaimed = 0, Claimed = 1, Complete = 2 };

std::string_view to_string(AtomState);
std::string_view to_string(Intention);
std::string_view to_string(FlowState);
std::string_view to_string(JobState);
std::string_view to_string(RetryAnswer);
std::optional<AtomState> atom_state_from(std::string_view);
std::optional<Intention> intention_from(std::string_view);
std::optional<FlowState> flow_state_from(std::string_view);
std::optional<RetryAnswer> retry_answer_from(std::string_view);

/// A run of the flow is over: SUCCESS FAILURE REVERTED CANCELLED REJECTED TRASHED.
bool is_final(FlowState);

}  // namespace baton
