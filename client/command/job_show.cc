#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/show_text.h"

namespace baton::client {

Ended show_job(const Context& context, const std::string& uuid) {
  return ask_and_print(context, job_target(uuid), "uuid",
                       [&](std::ostream& out, const auto& body) { print_job(out, body, context.terminal); });
}

}  // namespace baton::client
