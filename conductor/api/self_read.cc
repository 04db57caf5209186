#include "conductor/api/self_read.h"

#include "conductor/api/json_text.h"

namespace baton::api {
namespace {

/// Flows whose waiting atoms are looked at: more would hold up the loop, and say the same.
constexpr std::size_t kFlowsLookedAtMax = 100;

/// Atoms of one task type that wait for a worker.
struct Waiting {
  std::uint64_t atoms = 0;
  Millis longest{0};
  std::string job, reason;  // of the one that waits longest
};

std::map<std::string, Waiting> waiting_by_type(const conductor::Inspection& inspection) {
  std::map<std::string, Waiting> by_type;
  std::size_t looked_at = 0;
  for (const auto& held : inspection.flows()) {
    if (held.waiting_count == 0) continue;
    if (++looked_at > kFlowsLookedAtMax) break;
    const auto flow = inspection.flow(held.job);
    if (!flow) continue;
    for (const auto& atom : flow->waiting) {
      auto& waiting = by_type[atom.task_type];
      if (waiting.atoms++ > 0 && atom.waiting_for <= waiting.longest) continue;
      waiting.longest = atom.waiting_for;
      waiting.job = held.job.value;
      waiting.reason = atom.reason;
    }
  }
  return by_type;
}

void write_identity(JsonText& json, const ports::Member& self) {
  json.member("name", self.name).member("api", self.api).member("host", self.host);
  json.member("pid", static_cast<std::uint64_t>(self.pid)).member("version", self.version);
  json.member("incarnation", self.incarnation.value.to_string());
}

void write_servers(JsonText& json, const conductor::Gauges& gauges, const ProcessFacts& facts) {
  json.key("zookeeper").begin_object().member("reachable", gauges.board);
  if (facts.session_timeout_asked > Millis{0}) {
    json.member("session_timeout_asked_ms", facts.session_timeout_asked);
    json.member("session_timeout_ms", facts.session_timeout);
    json.member("silent_for_ms", facts.session_silent);
  }
  json.end_object().key("kafka").begin_object().member("reachable", gauges.bus).end_object();
  json.key("postgres").begin_object().member("reachable", gauges.store);
  json.member("can_lose", facts.can_lose).end_object();
}

void write_waiting(JsonText& json, const conductor::Inspection& inspection) {
  json.key("waiting").begin_array();
  for (const auto& [type, waiting] : waiting_by_type(inspection)) {
    json.begin_object().member("task_type", type).member("atoms", waiting.atoms);
    json.member("longest_ms", waiting.longest).member("job", waiting.job).member("reason", waiting.reason);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Response self_response(const conductor::Inspection& inspection, const ProcessFacts& facts, TimePoint now) {
  const auto gauges = inspection.gauges();
  JsonText json;
  json.begin_object();
  write_identity(json, inspection.self());
  json.member("now", now).member("draining", gauges.draining);
  if (!gauges.claiming_paused.empty()) json.member("claiming_paused", gauges.claiming_paused);
  write_servers(json, gauges, facts);
  if (facts.schema_version > 0)
    json.member("schema_version", static_cast<std::uint64_t>(facts.schema_version));
  json.key("settings").begin_object();
  for (const auto& [name, value] : facts.agreed_settings) json.member(name, value);
  json.end_object();
  write_waiting(json, inspection);
  json.end_object();
  return {200, "application/json", json.take(), {}};
}

}  // namespace baton::api
