#include "worker/request_json.h"

namespace baton::worker {
namespace {

void add(std::string& json, std::string_view name, std::string_view value) {
  json += json.empty() ? "{\"" : ", \"";
  json.append(name).append("\": ").append(value);
}

std::string arguments_of(const wire::Request& request) {
  return request.arguments.is_null() ? "{}" : std::string(request.arguments.json());
}

void add_undo(std::string& json, const wire::Request& request) {
  add(json, "result", request.result.json());
  add(json, "failure", request.failure ? request.failure->to_value().json() : "null");
  std::string failures;
  for (const auto& [atom, failure] : request.flow_failures) {
    failures += (failures.empty() ? "" : ", ") + quoted(atom) + ": ";
    failures += failure.to_value().json();
  }
  add(json, "flow_failures", "{" + failures + "}");
}

}  // namespace

std::string undo_json(const wire::Request& request) {
  std::string json;
  add(json, "arguments", arguments_of(request));
  add_undo(json, request);
  return json + "}";
}

std::string command_json(const wire::Request& request) {
  const auto& delivery = request.delivery;
  std::string json;
  add(json, "arguments", arguments_of(request));
  add(json, "intention", quoted(to_string(delivery.intention)));
  add(json, "attempt", std::to_string(delivery.attempt));
  add(json, "dispatch", std::to_string(delivery.dispatch));
  add(json, "idempotency_key", quoted(delivery.key().to_string()));
  add(json, "flow", quoted(delivery.flow.value.to_string()));
  add(json, "atom", quoted(delivery.atom));
  add(json, "job", quoted(request.job));
  if (delivery.intention == Intention::Revert) add_undo(json, request);
  return json + "}\n";
}

}  // namespace baton::worker
