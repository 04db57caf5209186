#include "conductor/api/flow_files.h"

#include <limits>

#include "conductor/api/json_text.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"
#include "flowfile/bundle.h"

namespace baton::api {
namespace {

using ports::FlowFileOutcome;
using ports::FlowFilePut;
using ports::FlowFileVerdict;
using ports::FlowFileVersion;

constexpr std::uint64_t kVersionMax = std::numeric_limits<std::int32_t>::max();

void write_version(JsonText& json, const FlowFileVersion& file) {
  json.member("name", file.name).member("version", file.version).member("digest", file.digest);
  json.member("who", file.who).member("reason", file.why).member("stored_at", file.stored_at);
}

std::string named(const FlowFileVersion& file) {
  return "'" + file.name + "' version " + std::to_string(file.version) + ", by " + file.who + " at " +
         to_rfc3339(file.stored_at);
}

Problem other_version(const FlowFilePut& put, const std::optional<FlowFileVersion>& newest) {
  return {409,
          "other-version",
          "Another version is the newest",
          "the flow file is to follow version " + std::to_string(*put.if_version) + ", and " +
              (newest ? "the newest is " + named(*newest) : "there is none of the name '" + put.name + "'") +
              "; look at what changed, then put yours for that one; nothing was stored",
          {},
          {}};
}

Problem too_many_versions(const FlowFileVersion& newest) {
  return {409,
          "too-many-versions",
          "The flow file has as many versions as it can have",
          "the newest is " + named(newest) + ", and a name has at most " +
              std::to_string(kFlowFileVersionsMax) + "; store it under another name",
          {},
          {}};
}

Problem too_many_names(const std::string& name) {
  return {409,
          "too-many-names",
          "As many flow files are stored as can be",
          "there is none of the name '" + name + "' among them, and at most " +
              std::to_string(kFlowFileNamesMax) + " names are stored; store it as a version of one of them",
          {},
          {}};
}

Problem not_stored(const ports::StoreError& error) {
  if (error.code != ports::StoreErrorCode::OutcomeUnknown) return from_store(error);
  return {503,
          "put-unknown",
          "Nobody knows whether the flow file is stored",
          error.message + "; ask again: the same content is not stored twice",
          {},
          {{"Retry-After", "1"}}};
}

/// What it is, or would be.
Response put_response(unsigned status, const FlowFileVersion& file, bool same, bool dry_run) {
  JsonText json;
  json.begin_object().member("name", file.name).member("version", file.version);
  json.member("digest", file.digest).member("who", file.who).member("reason", file.why);
  if (file.stored_at != TimePoint{}) json.member("stored_at", file.stored_at);
  json.member("stored", status == 201).member("same", same);
  if (dry_run) json.member("dry_run", true);
  json.end_object();
  return {status, "application/json", json.take(), {{"Location", "/v1/flow-files/" + file.name}}};
}

Response answer_to(const FlowFilePut& put, const FlowFileOutcome& outcome) {
  switch (outcome.verdict) {
    case FlowFileVerdict::Same:
      return put_response(200, *outcome.newest, true, false);
    case FlowFileVerdict::OtherVersion:
      return to_response(other_version(put, outcome.newest));
    case FlowFileVerdict::TooMany:
      return to_response(too_many_versions(*outcome.newest));
    case FlowFileVerdict::TooManyNames:
      return to_response(too_many_names(put.name));
    case FlowFileVerdict::Stored:
      break;
  }
  return put_response(201, *outcome.newest, false, false);
}

/// As the store would judge it now.
Response judged(const FlowFilePut& put, const std::optional<FlowFileVersion>& newest) {
  const std::uint32_t known = newest ? newest->version : 0;
  if (newest && newest->digest == put.digest) return put_response(200, *newest, true, true);
  if (put.if_version && *put.if_version != known) return to_response(other_version(put, newest));
  if (known >= kFlowFileVersionsMax) return to_response(too_many_versions(*newest));
  return put_response(200, {put.name, known + 1, put.digest, put.who, put.why, {}}, false, true);
}

void write_parameter(JsonText& json, const flowfile::Parameter& parameter) {
  json.begin_object().member("name", parameter.name).member("type", parameter.type);
  if (parameter.type == "list") json.member("items", parameter.items);
  json.member("required", parameter.required);
  if (!parameter.required) json.member("default", parameter.fallback);
  json.member("description", parameter.description).end_object();
}

/// What a later version has stored may be none of what this one reads; then its text is shown all the same.
void write_about(JsonText& json, const flowfile::Bundle& bundle) {
  const auto about =
      flowfile::describe_file(bundle.main, flowfile::from_bundle(bundle), flowfile::kServedBounds);
  if (!about.ok()) return;
  json.member("flow", about->name).member("description", about->description);
  json.key("parameters").begin_array();
  for (const auto& parameter : about->parameters) write_parameter(json, parameter);
  json.end_array();
}

Response show_response(const ports::StoredFlowFile& file) {
  JsonText json;
  json.begin_object();
  write_version(json, file.about);
  const auto content = Value::from_stored(file.content).tree();
  if (const auto bundle = flowfile::bundle_from(content); bundle.ok()) {
    write_about(json, *bundle);
    json.member("main", bundle->main).key("files").begin_object();
    for (const auto& [path, text] : bundle->files) json.member(path, text);
    json.end_object();
  }
  json.end_object();
  return {200, "application/json", json.take(), {}};
}

/// `next` writes where the next page begins.
template <class Next>
Response page_response(const ports::FlowFilePage& page, const char* member, Next next) {
  JsonText json;
  json.begin_object().key(member).begin_array();
  for (const auto& file : page.files) {
    json.begin_object();
    write_version(json, file);
    json.end_object();
  }
  json.end_array();
  if (page.more) {
    json.key("next");
    next(json, page.files.back());
  }
  json.end_object();
  return {200, "application/json", json.take(), {}};
}

}  // namespace

Problem from_flow_file_read(const ports::StoreError& error, const std::string& name) {
  if (error.code != ports::StoreErrorCode::NotFound) return from_store(error);
  return {404,
          "no-such-flow-file",
          "No such flow file",
          error.message + "; GET /v1/flow-files lists those that are stored, and GET /v1/flow-files/" + name +
              "/versions a name's versions",
          {},
          {}};
}

/// Asked for by that name, a registered flow is meant: a file of the same name could not be posted by it.
std::optional<Problem> FlowFiles::taken(const std::string& name) const {
  for (const auto& flow : backend_.catalogue.entries())
    if (flow.name == name)
      return Problem{409,
                     "name-taken",
                     "A registered flow has this name",
                     "the flow '" + name + "' is registered here by the module " + flow.module + " " +
                         flow.version +
                         ", and a job that is posted by this name runs that; take another name",
                     {},
                     {}};
  return std::nullopt;
}

void FlowFiles::put(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  const std::string& name = request.path[2];
  if (const auto problem = taken(name)) return reply(to_response(*problem));
  auto read = read_flow_file_body(name, request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) return reply(to_response(*problem));
  auto& body = std::get<FlowFileBody>(read);
  if (body.dry_run) return try_out(std::move(body.put), std::move(reply));
  backend_.store.put_flow_file(body.put, [put = body.put, reply](const auto& outcome) {
    reply(outcome.ok() ? answer_to(put, *outcome) : to_response(not_stored(outcome.error())));
  });
}

void FlowFiles::try_out(FlowFilePut put, Reply reply) {
  backend_.store.flow_file_versions(put.name, 0, 1,
                                    [put, reply, self = shared_from_this()](const auto& page) {
                                      if (page.ok()) return reply(judged(put, page->files.front()));
                                      if (page.error().code != ports::StoreErrorCode::NotFound)
                                        return reply(to_response(from_store(page.error())));
                                      if (put.if_version && *put.if_version != 0)
                                        return reply(judged(put, std::nullopt));
                                      self->try_out_new(put, reply);
                                    });
}

void FlowFiles::try_out_new(const FlowFilePut& put, Reply reply) {
  backend_.store.flow_files("", kFlowFileNamesMax, [put, reply](const auto& page) {
    if (!page.ok()) return reply(to_response(from_store(page.error())));
    const bool has_room = page->files.size() < kFlowFileNamesMax;
    reply(has_room ? judged(put, std::nullopt) : to_response(too_many_names(put.name)));
  });
}

void FlowFiles::list(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"after", "limit"})) return reply(to_response(*unknown));
  const auto limit = number_parameter(request, "limit", limits_.page_default, 1, limits_.page_max);
  if (!limit.ok()) return reply(to_response(limit.error()));
  backend_.store.flow_files(
      text_parameter(request, "after"), static_cast<std::uint32_t>(*limit), [reply](const auto& page) {
        if (!page.ok()) return reply(to_response(from_store(page.error())));
        reply(page_response(*page, "flow_files",
                            [](JsonText& json, const auto& last) { json.text(last.name); }));
      });
}

void FlowFiles::versions(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"before", "limit"})) return reply(to_response(*unknown));
  const auto limit = number_parameter(request, "limit", limits_.page_default, 1, limits_.page_max);
  if (!limit.ok()) return reply(to_response(limit.error()));
  const auto before = number_parameter(request, "before", 0, 1, kVersionMax);
  if (!before.ok()) return reply(to_response(before.error()));
  const std::string& name = request.path[2];
  backend_.store.flow_file_versions(
      name, static_cast<std::uint32_t>(*before), static_cast<std::uint32_t>(*limit),
      [name, reply](const auto& page) {
        if (!page.ok()) return reply(to_response(from_flow_file_read(page.error(), name)));
        reply(page_response(*page, "versions",
                            [](JsonText& json, const auto& last) { json.number(last.version); }));
      });
}

void FlowFiles::show(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"version"})) return reply(to_response(*unknown));
  const auto version = number_parameter(request, "version", 0, 1, kVersionMax);
  if (!version.ok()) return reply(to_response(version.error()));
  const std::string& name = request.path[2];
  backend_.store.flow_file(name, static_cast<std::uint32_t>(*version), [name, reply](const auto& file) {
    if (!file.ok()) return reply(to_response(from_flow_file_read(file.error(), name)));
    reply(show_response(*file));
  });
}

}  // namespace baton::api
