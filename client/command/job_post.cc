#include <boost/json/serialize.hpp>
#include <optional>
#include <ostream>
#include <variant>

#include "client/command/commands.h"
#include "client/command/flow_files.h"
#include "client/command/parameter_text.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/stored_flows.h"
#include "client/command/terminal_text.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// Declared types of a registered flow's parameters; nullopt: it is not known here. Whoever answers it
/// otherwise than a conductor is not posted to.
std::variant<std::optional<json::object>, Ended> types_of(const Context& context, const std::string& flow) {
  const auto answer = context.http.get(flow_target(flow));
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) {
    if (is_problem(*answer)) return std::nullopt;
    return refuse(context, *answer);
  }
  const auto* body = answer->body.if_object();
  const auto* parameters = body ? body->if_contains("parameters") : nullptr;
  if (!parameters || !parameters->is_array()) return refuse_shape(context, *answer);
  json::object types;
  for (const auto& parameter : parameters->get_array())
    types[text_of(parameter, "name")] = text_of(parameter, "type");
  return types;
}

/// Before anybody is asked.
std::optional<Ended> refuse_no_pairs(const Context& context, const PostOptions& options) {
  for (const auto* texts : {&options.parameters, &options.store})
    for (const auto& text : *texts)
      if (!is_pair(text)) return refuse_usage(context, "'" + text + "' is no NAME=VALUE");
  return std::nullopt;
}

/// Values are read by the types that the file declares; what does not fit is told here, with its place.
std::optional<Ended> set_stored(const Context& context, const PostOptions& options, const Stored& stored,
                                json::object& body) {
  const auto values =
      flowfile::read_parameters(stored.bundle.main, options.parameters, flowfile::from_bundle(stored.bundle));
  if (!values.ok()) return refuse_flow_file(context, values.error());
  json::object parameters;
  for (const auto& [name, value] : *values) parameters[name] = value.tree();
  body["parameters"] = std::move(parameters);
  return std::nullopt;
}

/// NAME@VERSION.
std::optional<Ended> set_version(const Context& context, const PostOptions& options,
                                 const flowfile::StoredName& name, json::object& body) {
  const auto found = find_stored(context, name);
  if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
  const auto& stored = std::get<0>(found);
  if (!stored)
    return refuse_as(context, Ended::Refused,
                     "no flow file '" + options.flow + "' is stored; 'baton flow list' lists those that are");
  body["flow_file"] = {{"name", name.name}, {"version", name.version}};
  return set_stored(context, options, *stored, body);
}

/// A registered flow, or a stored file's newest version; which of them the conductor says again when it is
/// posted.
std::optional<Ended> set_named(const Context& context, const PostOptions& options, json::object& body) {
  body["flow"] = options.flow;
  const auto types = types_of(context, options.flow);
  if (const auto* ended = std::get_if<Ended>(&types)) return *ended;
  const auto& known = std::get<0>(types);
  if (!known && flowfile::is_stored_name(options.flow)) {
    const auto found = find_stored(context, {options.flow, 0});
    if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
    if (const auto& stored = std::get<0>(found)) return set_stored(context, options, *stored, body);
  }
  body["parameters"] = read_pairs(options.parameters, known.value_or(json::object()));
  return std::nullopt;
}

std::optional<Ended> set_flow(const Context& context, const PostOptions& options, json::object& body) {
  if (options.file.empty()) {
    const auto stored = flowfile::stored_name_from(options.flow);
    return stored && stored->version > 0 ? set_version(context, options, *stored, body)
                                         : set_named(context, options, body);
  }
  const auto compiled = compile_flow_file(context, options.file, options.parameters, options.store);
  if (const auto* ended = std::get_if<Ended>(&compiled)) return *ended;
  body["flow"] = std::get<flowfile::Compiled>(compiled).flow.tree();
  return std::nullopt;
}

std::variant<json::object, Ended> make_body(const Context& context, const PostOptions& options) {
  json::object body;
  if (const auto ended = refuse_no_pairs(context, options)) return *ended;
  if (const auto ended = set_flow(context, options, body)) return *ended;
  auto store = read_store(context, options.store);
  if (const auto* ended = std::get_if<Ended>(&store)) return *ended;
  if (!options.store.empty()) body["store"] = std::get<json::object>(std::move(store));
  if (!options.name.empty()) body["name"] = options.name;
  if (!options.priority.empty()) body["priority"] = options.priority;
  if (!options.uuid.empty()) body["uuid"] = options.uuid;
  if (!options.reason.empty()) body["reason"] = options.reason;
  return body;
}

/// Which version of a stored flow file it is.
std::string posted_version(const json::value& posted) {
  const auto* object = posted.if_object();
  const auto* file = object ? object->if_contains("flow_file") : nullptr;
  return file ? " (" + text_of(*file, "name") + "@" + std::to_string(whole_number_of(*file, "version")) + ")"
              : std::string();
}

/// What it would be; a job that is there is told as ever.
bool is_dry(const Answer& answer) {
  const auto* dry = answer.body.is_object() ? answer.body.get_object().if_contains("dry_run") : nullptr;
  return dry && dry->is_bool() && dry->get_bool();
}

void print_posted(const Context& context, const Answer& answer) {
  if (context.json) return print_value(context, answer.body);
  const auto posted = for_terminal(answer.body);
  if (is_dry(answer))
    context.out << "would post " << text_of(posted, "name") << " with priority "
                << text_of(posted, "priority") << "; nothing was posted" << std::endl;
  else
    context.out << (answer.status == 201 ? "posted " : "already there: ") << text_of(posted, "uuid")
                << posted_version(posted) << std::endl;
  if (const auto warning = text_of(posted, "warning"); !warning.empty())
    context.err << "baton: " << warning << "\n";
}

}  // namespace

Ended post_job(const Context& context, const PostOptions& options) {
  if (options.flow.empty() == options.file.empty())
    return refuse_usage(context, "name a flow, or a file with --file: one of them");
  const auto body = make_body(context, options);
  if (const auto* ended = std::get_if<Ended>(&body)) return *ended;
  Headers headers;
  if (!options.key.empty()) headers.emplace_back("Idempotency-Key", options.key);
  const char* target = options.dry_run ? "/v1/jobs?dry_run=true" : "/v1/jobs";
  const auto answer = context.http.post(target, json::serialize(std::get<json::object>(body)), headers);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200 && answer->status != 201) return refuse(context, *answer);
  const auto uuid = text_of(answer->body, "uuid");
  if (uuid.empty() && !is_dry(*answer)) return refuse_shape(context, *answer);
  print_posted(context, *answer);
  return options.wait && !options.dry_run ? watch_job(context, uuid) : Ended::Success;
}

}  // namespace baton::client
