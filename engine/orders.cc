#include "engine/engine_core.h"

/// What people ask of a flow. The host has recorded the order before (PROTOCOL.md I21).
namespace baton::engine {
namespace {

std::string note_of(const std::string& what, const std::string& who, const std::string& why) {
  return what + (who.empty() ? "" : " by " + who) + (why.empty() ? "" : ": " + why);
}

}  // namespace

/// Nothing new starts; what is started ends and is recorded (semantics.md 41).
void Engine::Core::on(const SuspendAsked& asked) {
  if (book.state() != FlowState::Running) return;
  book.change_flow(FlowState::Suspending, note_of("suspended", asked.who, asked.why));
  for (auto& [atom, each] : replacing) each.offered = false;
}

void Engine::Core::on(const ResumeAsked& asked) {
  if (book.state() != FlowState::Suspending && book.state() != FlowState::Suspended) return;
  book.change_flow(FlowState::Running, note_of("resumed", asked.who, asked.why));
  if (recovered)
    book.readiness().renew_all();
  else
    recover();
}

void Engine::Core::on(const CancelAsked&) {}

}  // namespace baton::engine
