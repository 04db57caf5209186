#include "conductor/api/fleet_reads.h"

#include "common/model/name_list.h"
#include "conductor/api/json_text.h"
#include "conductor/api/problem.h"

namespace baton::api {
namespace {

Response json_response(JsonText& json) {
  return {200, "application/json", json.take(), {}};
}

void write_entry(JsonText& json, const conductor::CatalogueEntry& flow) {
  json.begin_object();
  json.member("name", flow.name).member("description", flow.description);
  json.member("module", flow.module).member("version", flow.version);
  json.member("parameters", flow.parameters);
  json.end_object();
}

}  // namespace

Response workers_response(const conductor::Inspection& inspection) {
  JsonText json;
  json.begin_object().key("workers").begin_array();
  for (const auto& worker : inspection.workers()) {
    const auto& advert = worker.advert;
    json.begin_object();
    json.member("name", advert.name).member("state", to_string(advert.state));
    json.member("slots", advert.slots).member("outstanding", worker.outstanding).member("room", worker.room);
    json.key("task_types").begin_array();
    for (const auto& type : advert.task_types) json.text(type);
    json.end_array().key("labels").begin_object();
    for (const auto& [label, value] : advert.labels) json.member(label, value);
    json.end_object();
    json.member("host", advert.host).member("pid", static_cast<std::uint64_t>(advert.pid));
    json.member("version", advert.version).member("incarnation", advert.incarnation.value.to_string());
    if (advert.inbox) json.member("partition", static_cast<std::uint64_t>(advert.inbox->partition));
    json.end_object();
  }
  json.end_array().member("seen_by", inspection.self().name).end_object();
  return json_response(json);
}

Response conductors_response(const conductor::Inspection& inspection) {
  JsonText json;
  const auto self = inspection.self();
  json.begin_object().key("conductors").begin_array();
  for (const auto& member : inspection.conductors()) {
    json.begin_object();
    json.member("name", member.name).member("api", member.api);
    json.member("host", member.host).member("pid", static_cast<std::uint64_t>(member.pid));
    json.member("version", member.version).member("incarnation", member.incarnation.value.to_string());
    json.member("answering", member.incarnation == self.incarnation);
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(json);
}

Response left_alone_response(const conductor::Inspection& inspection) {
  JsonText json;
  json.begin_object().key("left_alone").begin_array();
  for (const auto& job : inspection.left_alone()) {
    json.begin_object().member("kind", "left-alone");
    json.member("job", job.job.value).member("name", job.name);
    json.member("reason", job.reason).member("board_path", job.board_path);
    json.member("tries", job.tries).member("next_try_in_ms", job.next_try_in).end_object();
  }
  json.end_array().key("parked").begin_array();
  for (const auto& job : inspection.parked()) {
    json.begin_object().member("kind", "parked").member("job", job.job.value).member("name", job.name);
    json.member("flow_id", job.flow.value.to_string());
    json.member("reason", job.reason).member("board_path", job.board_path);
    json.member("since", job.since).end_object();
  }
  json.end_array().member("seen_by", inspection.self().name).end_object();
  return json_response(json);
}

Response flows_response(const conductor::FlowCatalogue& catalogue) {
  JsonText json;
  json.begin_object().key("flows").begin_array();
  for (const auto& flow : catalogue.entries()) write_entry(json, flow);
  json.end_array().end_object();
  return json_response(json);
}

Response flow_response(const conductor::FlowCatalogue& catalogue, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& flow : catalogue.entries()) {
    if (flow.name == name) {
      JsonText json;
      write_entry(json, flow);
      return json_response(json);
    }
    known.push_back(flow.name);
  }
  return to_response({404, "no-such-flow", "No such flow",
                      "this conductor has no flow '" + shown_name(name) + "'; it has: " + name_list(known) +
                          ". Flows come with modules: see the setting for modules of the conductor"});
}

Response readiness_response(const conductor::Inspection& inspection) {
  const auto now = inspection.gauges();
  const bool ready = now.board && now.store && now.bus && !now.draining;
  JsonText json;
  json.begin_object().member("ready", ready);
  json.member("board", now.board).member("store", now.store).member("bus", now.bus);
  json.member("draining", now.draining);
  if (!now.claiming_paused.empty()) json.member("claiming_paused", now.claiming_paused);
  json.end_object();
  return {ready ? 200u : 503u, "application/json", json.take(), {}};
}

}  // namespace baton::api
