#include "common/ports/hook_store.h"

#include <algorithm>
#include <array>

namespace baton::ports {
namespace {

constexpr std::array<std::string_view, kHookEvents> kEvents{
    "failed", "reverted", "not_reverted", "stalled", "succeeded", "cancelled", "rejected"};
constexpr std::array<std::string_view, 3> kStates{"pending", "done", "given_up"};

template <class Named, class Names>
std::optional<Named> named(const Names& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Named>(found - names.begin());
}

std::string begin_of(const HookCall& call) {
  return "{\"hook\": " + quoted(call.hook) + ", \"event\": \"" + std::string(to_string(call.event)) +
         "\", \"call\": " + std::to_string(call.id);
}

/// How an attempt ended, by HookEnding::How.
constexpr std::array<std::string_view, 3> kOutcomes{"done", "failed", "given_up"};

}  // namespace

std::string_view to_string(HookEvent event) {
  const auto number = static_cast<std::size_t>(event);
  return number < kEvents.size() ? kEvents[number] : "unknown";
}
std::optional<HookEvent> hook_event_from(std::string_view text) {
  return named<HookEvent>(kEvents, text);
}
std::string_view to_string(HookCallState state) {
  return kStates[static_cast<std::size_t>(state)];
}
std::optional<HookCallState> hook_call_state_from(std::string_view text) {
  return named<HookCallState>(kStates, text);
}

Value history_data(const HookEnding& ending) {
  std::string json = begin_of(ending.call) + ", \"attempt\": " + std::to_string(ending.call.attempts + 1) +
                     ", \"outcome\": \"" + std::string(kOutcomes[static_cast<std::size_t>(ending.how)]) +
                     "\"";
  if (!ending.error.empty()) json += ", \"error\": " + quoted(ending.error);
  return Value::from_stored(std::move(json) + "}");
}

Value history_data(const HookRetry& retry) {
  std::string json = begin_of(retry.call) + ", \"outcome\": \"retry\", \"who\": " + quoted(retry.who);
  if (!retry.why.empty()) json += ", \"reason\": " + quoted(retry.why);
  return Value::from_stored(std::move(json) + "}");
}

}  // namespace baton::ports
