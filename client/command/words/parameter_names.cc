#include "client/command/words/parameter_names.h"

#include <filesystem>
#include <optional>

#include "client/command/stored_flows.h"
#include "client/command/words/known_names.h"
#include "flowfile/disk.h"

namespace baton::client {
namespace {

/// "list of string, required: the servers"
std::string about_parameter(const std::string& type, const std::string& items, bool required,
                            const std::string& description) {
  return type + (type == "list" && !items.empty() ? " of " + items : "") + (required ? ", required" : "") +
         (description.empty() ? "" : ": " + description);
}

std::optional<std::vector<Candidate>> of_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::vector<Candidate> names;
  const auto about = flowfile::describe_file(path, flowfile::from_disk());
  if (!about.ok()) return names;
  for (const auto& [name, type, items, required, fallback, description, at] : about->parameters)
    names.push_back({name, about_parameter(type, items, required, description)});
  return names;
}

/// nullopt: there is no such flow.
std::optional<std::vector<Candidate>> of_conductor(const HttpClient& http, const std::string& target) {
  const auto answer = http.get(target);
  const auto* body = answer.ok() && answer->status == 200 ? answer->body.if_object() : nullptr;
  const auto* list = body ? body->if_contains("parameters") : nullptr;
  if (!list || !list->is_array()) return std::nullopt;
  std::vector<Candidate> names;
  for (const auto& parameter : list->get_array()) {
    const auto name = text_of(parameter, "name");
    if (name.empty()) continue;
    const bool required = !parameter.get_object().contains("default");
    names.push_back({name, about_parameter(text_of(parameter, "type"), text_of(parameter, "items"), required,
                                           text_of(parameter, "description"))});
  }
  return names;
}

/// A registered flow's name is that one's, as when it is posted; with a version it is a stored one's.
std::vector<Candidate> of_flow(const HttpClient& http, const std::string& flow) {
  const auto stored = flowfile::stored_name_from(flow);
  std::optional<std::vector<Candidate>> names;
  if (!stored || stored->version == 0) names = of_conductor(http, flow_target(flow));
  if (!names && stored) names = of_conductor(http, stored_flow_target(*stored));
  return names.value_or(std::vector<Candidate>());
}

/// What stands before, as the words call it.
struct Named {
  std::string flow;
  bool may_be_file = true, may_be_known = true;  // by a conductor
};
Named named(const Before& before) {
  if (auto file = before.of("--file"); !file.empty()) return {std::move(file), true, false};
  if (auto flow = before.of("flow"); !flow.empty())  // of `run`, or of `post`
    return {std::move(flow), before.asks_nobody, !before.asks_nobody};
  if (auto file = before.of("file"); !file.empty()) return {std::move(file)};
  return {before.of("before")};
}

}  // namespace

std::vector<Candidate> parameter_names(const Before& before, const std::vector<std::string>& conductors) {
  const auto [flow, may_be_file, may_be_known] = named(before);
  if (may_be_file)
    if (auto names = of_file(flow)) return std::move(*names);
  if (flow.empty() || !may_be_known) return {};
  return of_flow(HttpClient(conductors, kTabPatience), flow);
}

}  // namespace baton::client
