#include "conductor/hook_book.h"

#include <algorithm>

#include "common/model/name_list.h"

namespace baton::conductor {
namespace {

bool fits(const std::string& pattern, const std::string& name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

bool concerns(const Hook& hook, ports::HookEvent event, const HookSubject& subject) {
  if (!hook.on.contains(event)) return false;
  if (!hook.priorities.empty() && !hook.priorities.contains(subject.priority)) return false;
  return hook.flows.empty() || std::any_of(hook.flows.begin(), hook.flows.end(), [&](const auto& pattern) {
           return fits(pattern, subject.flow_name);
         });
}

std::string failure_json(const Failure& failure) {
  std::string whole(failure.to_value().json());
  if (whole.size() <= kHookFailureBytesMax) return whole;
  // Escaped, a character may take six bytes.
  return "{\"type\": " + quoted(shown_name(failure.type, 200)) +
         ", \"message\": " + quoted(shown_name(failure.message, kHookFailureBytesMax / 8)) + "}";
}

std::string about_json(const HookSubject& subject, FlowState state) {
  return "{\"name\": " + quoted(subject.name) + ", \"flow\": " + quoted(subject.flow_name) +
         ", \"priority\": \"" + std::string(to_string(subject.priority)) + "\", \"state\": \"" +
         std::string(to_string(state)) + "\"";
}

}  // namespace

std::optional<ports::HookEvent> event_of(FlowState state, bool revert_failed) {
  switch (state) {
    case FlowState::Success:
      return ports::HookEvent::Succeeded;
    case FlowState::Failure:
      return revert_failed ? ports::HookEvent::NotReverted : ports::HookEvent::Failed;
    case FlowState::Reverted:
      return ports::HookEvent::Reverted;
    case FlowState::Cancelled:
      return ports::HookEvent::Cancelled;
    case FlowState::Rejected:
      return ports::HookEvent::Rejected;
    case FlowState::Pending:
    case FlowState::Running:
    case FlowState::Suspending:
    case FlowState::Suspended:
    case FlowState::Resuming:
    case FlowState::Trashed:  // no job: nothing that a call could be about
      break;
  }
  return std::nullopt;
}

const Hook* HookBook::find(const std::string& name) const {
  for (const Hook& hook : hooks_)
    if (hook.name == name) return &hook;
  return nullptr;
}

std::string HookBook::shown() const {
  std::set<std::string> all;
  for (const Hook& hook : hooks_) {
    std::string events;
    for (const auto event : hook.on) events += (events.empty() ? "" : ", ") + std::string(to_string(event));
    all.insert(hook.name + " (" + events + ")");
  }
  std::string text;
  for (const auto& hook : all) text += (text.empty() ? "" : ", ") + hook;
  return text;
}

std::optional<Millis> HookBook::stalled_after() const {
  std::optional<Millis> shortest;
  for (const Hook& hook : hooks_)
    if (hook.on.contains(ports::HookEvent::Stalled))
      shortest = std::min(shortest.value_or(hook.stalled_after), hook.stalled_after);
  return shortest;
}

std::vector<ports::NewHookCall> HookBook::at_end(const HookSubject& subject, const RunEnd& end) const {
  std::vector<ports::NewHookCall> calls;
  const auto event = event_of(end.state, end.revert_failed);
  if (!event) return calls;
  for (const Hook& hook : hooks_) {
    if (!concerns(hook, *event, subject)) continue;
    std::string about = about_json(subject, end.state);
    if (end.failure) about += ", \"failure\": " + failure_json(*end.failure);
    calls.push_back({hook.name, *event, Value::from_stored(about + "}")});
  }
  return calls;
}

std::vector<ports::NewHookCall> HookBook::at_stall(const HookSubject& subject, FlowState state,
                                                   TimePoint since, Millis age) const {
  std::vector<ports::NewHookCall> calls;
  for (const Hook& hook : hooks_) {
    if (!concerns(hook, ports::HookEvent::Stalled, subject) || age < hook.stalled_after) continue;
    calls.push_back({hook.name, ports::HookEvent::Stalled,
                     Value::from_stored(about_json(subject, state) +
                                        ", \"nothing_recorded_since\": " + quoted(to_rfc3339(since)) + "}")});
  }
  return calls;
}

}  // namespace baton::conductor
