#include <boost/json/serialize.hpp>
#include <optional>
#include <ostream>
#include <variant>

#include "client/command/commands.h"
#include "client/command/flow_files.h"
#include "client/command/parameter_text.h"
#include "client/command/refusal.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// Declared types of a registered flow's parameters; none where the flow is not known here. Whoever answers
/// it otherwise than a conductor is not posted to.
std::variant<json::object, Ended> types_of(const Context& context, const std::string& flow) {
  const auto answer = context.http.get(flow_target(flow));
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200)
    return is_problem(*answer) ? std::variant<json::object, Ended>() : refuse(context, *answer);
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

std::optional<Ended> set_flow(const Context& context, const PostOptions& options, json::object& body) {
  if (options.file.empty()) {
    const auto types = types_of(context, options.flow);
    if (const auto* ended = std::get_if<Ended>(&types)) return *ended;
    body["flow"] = options.flow;
    body["parameters"] = read_pairs(options.parameters, std::get<json::object>(types));
    return std::nullopt;
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
  return body;
}

void print_posted(const Context& context, const Answer& answer) {
  if (context.json) return void(context.out << json::serialize(answer.body) << std::endl);
  context.out << (answer.status == 201 ? "posted " : "already there: ") << text_of(answer.body, "uuid")
              << std::endl;
  if (const auto warning = text_of(answer.body, "warning"); !warning.empty())
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
  const auto answer = context.http.post("/v1/jobs", json::serialize(std::get<json::object>(body)), headers);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200 && answer->status != 201) return refuse(context, *answer);
  const auto uuid = text_of(answer->body, "uuid");
  if (uuid.empty()) return refuse_shape(context, *answer);
  print_posted(context, *answer);
  return options.wait ? watch_job(context, uuid) : Ended::Success;
}

}  // namespace baton::client
