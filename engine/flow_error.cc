#include "engine/flow_error.h"

#include <utility>

#include "common/model/name_list.h"

namespace baton::engine {
namespace {

/// Names in it are authors'.
std::string plain(const std::string& text) {
  return shown_text(text, text.size());
}

std::string message_of(const std::vector<std::string>& flows, const Mistake& mistake) {
  std::string message = flows.empty() ? "" : "flow ";
  for (std::size_t i = 0; i < flows.size(); ++i)
    message += (i ? " > '" : "'") + shown_name(flows[i], flows[i].size()) + "'";
  message += (flows.empty() ? "" : ": ") + mistake.what;
  return mistake.hint.empty() ? message : message + "\n  hint: " + mistake.hint;
}

}  // namespace

FlowError flow_error(std::string stage, std::string kind, std::vector<std::string> flows, Mistake mistake) {
  mistake.what = plain(mistake.what);
  mistake.hint = plain(mistake.hint);
  FlowError error{std::move(stage), std::move(kind), message_of(flows, mistake), {}};
  error.flows = std::move(flows);
  error.atom = std::move(mistake.atom);
  error.what = std::move(mistake.what);
  error.hint = std::move(mistake.hint);
  return error;
}

}  // namespace baton::engine
