#include "client/command/commands.h"
#include "client/command/job_follow.h"

namespace baton::client {

Ended watch_job(const Context& context, const std::string& uuid) {
  return follow_job(
      context, uuid,
      {.row = [](const auto&, const auto&) { return std::nullopt; },
       .end =
           [](const std::string& state) { return state == "SUCCESS" ? Ended::Success : Ended::FlowFailed; }});
}

}  // namespace baton::client
