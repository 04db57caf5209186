#include "engine/flow_error.h"

#include <utility>

namespace baton::engine {
namespace {

std::string message_of(const std::vector<std::string>& flows, const Mistake& mistake) {
  std::string message = flows.empty() ? "" : "flow ";
  for (std::size_t i = 0; i < flows.size(); ++i) message += (i ? " > '" : "'") + flows[i] + "'";
  message += (flows.empty() ? "" : ": ") + mistake.what;
  return mistake.hint.empty() ? message : message + "\n  hint: " + mistake.hint;
}

}  // namespace

FlowError flow_error(std::string stage, std::string kind, std::vector<std::string> flows, Mistake mistake) {
  FlowError error{std::move(stage), std::move(kind), message_of(flows, mistake), {}};
  error.flows = std::move(flows);
  error.atom = std::move(mistake.atom);
  error.what = std::move(mistake.what);
  error.hint = std::move(mistake.hint);
  return error;
}

}  // namespace baton::engine
