#include "client/command/commands.h"
#include "client/command/live_view.h"
#include "client/command/show_text.h"
#include "common/model/states.h"

namespace baton::client {

Ended show_job(const Context& context, const std::string& uuid, int watch_s) {
  const View view{
      .target = job_target(uuid),
      .member = "uuid",
      .write = [&](std::ostream& out, const auto& body) { print_job(out, body, context.colours); },
      .ended = [](const auto& body) -> std::optional<Ended> {
        const auto state = flow_state_from(text_of(body, "state"));
        if (!state || !is_final(*state)) return std::nullopt;
        return *state == FlowState::Success ? Ended::Success : Ended::FlowFailed;
      }};
  const auto shown = show_view(context, view, watch_s);
  if (shown == Ended::Success && watch_s == 0 && !context.json) print_hook_calls(context, uuid);
  return shown;
}

}  // namespace baton::client
