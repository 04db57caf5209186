#include <ostream>

#include "client/command/flow_files.h"
#include "client/command/plan_outlook.h"
#include "client/command/printing.h"

namespace baton::client {

Ended plan_flow_file(const Context& context, const FlowFileOptions& options) {
  const auto compiled = compile_named_flow(context, options);
  if (const auto* ended = std::get_if<Ended>(&compiled)) return *ended;
  std::variant<std::vector<ReadyWorker>, Ended> workers;
  if (options.workers) workers = ready_workers(context);
  if (const auto* ended = std::get_if<Ended>(&workers)) return *ended;
  const auto* known = options.workers ? &std::get<0>(workers) : nullptr;
  const auto outlook = plan_outlook(*std::get<flowfile::Compiled>(compiled).plan, known);
  if (context.json)
    print_value(context, outlook);
  else
    print_outlook(context.out, outlook, options.workers);
  return Ended::Success;
}

}  // namespace baton::client
