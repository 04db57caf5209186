#include "client/command/stored_flows.h"

#include <filesystem>
#include <ostream>

#include "client/command/refusal.h"
#include "flowfile/disk.h"

namespace baton::client {
namespace {

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// A conductor was asked because there is no file of this name: it may have been meant as one.
Ended refuse_unknown(const Context& context, const std::string& named, bool may_be_file) {
  const std::string stored = "no flow file '" + named + "' is stored; 'baton flow list' lists those that are";
  return may_be_file ? refuse_usage(context, "there is no file '" + named + "', and " + stored)
                     : refuse_as(context, Ended::Refused, stored);
}

}  // namespace

std::string stored_flow_target(const flowfile::StoredName& stored) {
  std::string target = "/v1/flow-files/" + stored.name;
  if (stored.version > 0) add_query(target, "version", std::to_string(stored.version));
  return target;
}

std::variant<std::optional<Stored>, Ended> find_stored(const Context& context,
                                                       const flowfile::StoredName& stored) {
  auto answer = context.http.get(stored_flow_target(stored));
  if (!answer.ok()) return refuse(context, answer.error());
  if (text_of(answer->body, "type") == "urn:baton:problem:no-such-flow-file") return std::nullopt;
  if (answer->status != 200) return refuse(context, *answer);
  auto bundle = flowfile::bundle_from(answer->body);
  const auto version = whole_number_of(answer->body, "version");
  if (!bundle.ok() || version == 0) return refuse_shape(context, *answer);
  return Stored{std::move(answer).value(), std::move(bundle).value(),
                stored.name + "@" + std::to_string(version)};
}

std::variant<FlowText, Ended> find_flow_text(const Context& context, const std::string& named) {
  const FlowText of_disk{named, named, flowfile::read_once(flowfile::from_disk())};
  const auto stored = flowfile::stored_name_from(named);
  if (!stored || (stored->version == 0 && is_file(named))) return of_disk;
  auto found = find_stored(context, *stored);
  if (const auto* ended = std::get_if<Ended>(&found)) {
    if (*ended == Ended::Unreachable && stored->version == 0 && !context.json)
      context.err << "  a conductor was asked for a stored flow file: there is no file '" << named << "'\n";
    return *ended;
  }
  const auto& file = std::get<0>(found);
  if (!file) return refuse_unknown(context, named, stored->version == 0);
  return FlowText{file->bundle.main, file->label, flowfile::from_bundle(file->bundle)};
}

}  // namespace baton::client
