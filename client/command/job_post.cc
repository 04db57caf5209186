#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <optional>
#include <ostream>
#include <sstream>

#include "client/command/commands.h"

namespace baton::client {
namespace {

namespace json = boost::json;

json::array split(const std::string& text) {
  json::array items;
  std::stringstream in(text);
  for (std::string item; std::getline(in, item, ',');) items.emplace_back(item);
  return items;
}

/// A value as people write it: by the declared type if it is known, else JSON if it is JSON, else a text.
json::value read_value(const std::string& text, const std::string& type) {
  if (type == "string") return json::value(text);
  json::error_code code;
  auto value = json::parse(text, code);
  if (!code && !(type == "list" && !value.is_array())) return value;
  return type == "list" ? json::value(split(text)) : json::value(text);
}

/// Declared types of a registered flow's parameters; empty where the flow is not known here.
json::object types_of(const Context& context, const std::string& flow) {
  json::object types;
  const auto answer = context.http.get("/v1/flows/" + flow);
  if (!answer.ok() || answer->status != 200) return types;
  for (const auto& parameter : answer->body.at("parameters").as_array())
    types[text_of(parameter, "name")] = text_of(parameter, "type");
  return types;
}

/// "a=1" -> {"a": 1}; nullopt: something is no NAME=VALUE.
std::optional<json::object> read_pairs(const Context& context, const std::vector<std::string>& pairs,
                                       const json::object& types) {
  json::object values;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      context.err << "baton: '" << pair << "' is no NAME=VALUE\n";
      return std::nullopt;
    }
    const auto name = pair.substr(0, equals);
    const auto* type = types.if_contains(name);
    values[name] = read_value(pair.substr(equals + 1), type ? std::string(type->as_string()) : "");
  }
  return values;
}

std::optional<json::value> read_flow_file(const Context& context, const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return context.err << "baton: cannot read " << file << "\n", std::nullopt;
  json::error_code code;
  auto flow = json::parse(text.str(), code);
  if (code)
    return context.err << "baton: " << file << " is no JSON: " << code.message() << "\n", std::nullopt;
  return flow;
}

std::optional<json::object> make_body(const Context& context, const PostOptions& options) {
  json::object body;
  if (options.file.empty()) {
    body["flow"] = options.flow;
    auto parameters = read_pairs(context, options.parameters, types_of(context, options.flow));
    if (!parameters) return std::nullopt;
    body["parameters"] = std::move(*parameters);
  } else {
    auto flow = read_flow_file(context, options.file);
    if (!flow) return std::nullopt;
    body["flow"] = std::move(*flow);
  }
  if (!options.store.empty()) {
    auto store = read_pairs(context, options.store, {});
    if (!store) return std::nullopt;
    body["store"] = std::move(*store);
  }
  if (!options.name.empty()) body["name"] = options.name;
  if (!options.priority.empty()) body["priority"] = options.priority;
  if (!options.uuid.empty()) body["uuid"] = options.uuid;
  return body;
}

}  // namespace

Ended post_job(const Context& context, const PostOptions& options) {
  if (options.flow.empty() == options.file.empty())
    return context.err << "baton: name a flow, or a file with --file: one of them\n", Ended::Usage;
  const auto body = make_body(context, options);
  if (!body) return Ended::Usage;
  Headers headers;
  if (!options.key.empty()) headers.emplace_back("Idempotency-Key", options.key);
  const auto answer = context.http.post("/v1/jobs", json::serialize(*body), headers);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200 && answer->status != 201) return refuse(context, *answer);
  const auto uuid = text_of(answer->body, "uuid");
  if (context.json)
    context.out << json::serialize(answer->body) << std::endl;
  else
    context.out << (answer->status == 201 ? "posted " : "already there: ") << uuid << std::endl;
  if (const auto warning = text_of(answer->body, "warning"); !warning.empty())
    context.err << "baton: " << warning << "\n";
  return options.wait ? watch_job(context, uuid) : Ended::Success;
}

}  // namespace baton::client
