#include "examples/cloud/cloud.h"

#include <boost/json/array.hpp>

namespace baton::example_cloud {
namespace {

constexpr std::string_view kServers = "/servers/";

std::string text_of(const boost::json::value& body, const char* key) {
  const auto* object = body.if_object();
  const auto* value = object ? object->if_contains(key) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const boost::json::value& body, const char* key, std::int64_t fallback) {
  const auto* value = body.is_object() ? body.get_object().if_contains(key) : nullptr;
  return value && value->is_int64() ? value->get_int64() : fallback;
}

Reply error(unsigned status, std::string_view kind, std::string_view message) {
  return {status, boost::json::object{{"error", kind}, {"message", message}}, Millis{0}};
}

std::string verb_of(const Call& call) {
  if (call.path == "/clusters" && call.method == "POST") return "configure";
  if (call.method == "POST") return "create";
  return call.method == "DELETE" ? "delete" : "get";
}

}  // namespace

Reply Cloud::handle(const Call& call, TimePoint now) {
  if (call.path == "/ledger" && call.method == "GET") return {200, ledger_.read(), Millis{0}};
  if (call.path == "/faults") return set_faults(call.method == "DELETE" ? boost::json::array{} : call.body);
  if (call.path == "/clusters" && call.method == "GET") {
    boost::json::array all;
    for (const auto& [name, cluster] : clusters_) all.emplace_back(cluster);
    return {200, all, Millis{0}};
  }
  const bool servers = call.path == "/servers" || call.path.starts_with(kServers);
  if (!servers && call.path != "/clusters") return error(404, "unknown", "no such resource: " + call.path);

  LedgerEntry entry{now, verb_of(call), text_of(call.body, "hostname"), call.key, call.token, ""};
  if (entry.verb == "configure") entry.hostname = text_of(call.body, "name");
  if (const auto* server = find(call)) entry.hostname = server->hostname;
  const Reply reply = effect(call, entry, now);
  ledger_.add(entry);
  return reply;
}

/// Token first, then faults, then what was asked.
Reply Cloud::effect(const Call& call, LedgerEntry& entry, TimePoint now) {
  if (tokens_ == Tokens::Checked && !call.token.empty()) {
    const auto token = FencingToken::parse(call.token);
    if (!token)
      return entry.outcome = "failed", error(400, "token", "a fencing token is <flow>/<atom>/<dispatch>");
    if (!fence_.admit(*token))
      return entry.outcome = "stale", error(409, "stale", "a later delivery of this atom was here before");
  }
  Fault* fault = fault_of(entry);
  const std::string mode = fault ? fault->mode : "";
  const Millis delay = fault ? fault->delay : Millis{0};
  if (mode == "fail") return entry.outcome = "failed", error(503, "fault", "this call was asked to fail");
  Reply reply = entry.verb == "create"      ? create(call, entry, now)
                : entry.verb == "delete"    ? remove(call, entry)
                : entry.verb == "configure" ? configure(call, entry)
                                            : show(call, entry, now);
  if (mode == "lose") return error(500, "fault", "the call was carried out; its answer is lost");
  if (mode == "hang") reply.after = delay;
  return reply;
}

Fault* Cloud::fault_of(const LedgerEntry& entry) {
  for (auto& fault : faults_) {
    if (fault.times == 0 || fault.verb != entry.verb) continue;
    if (!fault.hostname.empty() && fault.hostname != entry.hostname) continue;
    if (fault.times > 0) --fault.times;
    return &fault;
  }
  return nullptr;
}

Reply Cloud::create(const Call& call, LedgerEntry& entry, TimePoint now) {
  const auto hostname = text_of(call.body, "hostname");
  if (hostname.empty())
    return entry.outcome = "failed", error(400, "hostname", "a server needs a 'hostname'");
  if (const auto known = created_.find(call.key); !call.key.empty() && known != created_.end()) {
    entry.outcome = "repeated";
    const auto server = servers_.find(known->second);
    if (server == servers_.end()) return error(410, "deleted", "the server of this key was deleted");
    return {200, view(server->second, now), Millis{0}};
  }
  Server server{"srv-" + std::to_string(++last_id_), hostname, call.key, now + boot_time_};
  if (!call.key.empty()) created_[call.key] = server.id;
  entry.outcome = "created";
  const auto& kept = servers_[server.id] = server;
  return {201, view(kept, now), Millis{0}};
}

const Cloud::Server* Cloud::find(const Call& call) const {
  std::string id = call.path.starts_with(kServers) ? call.path.substr(kServers.size()) : "";
  if (const auto key = call.query.find("key"); id.empty() && key != call.query.end())
    if (const auto known = created_.find(key->second); known != created_.end()) id = known->second;
  const auto server = servers_.find(id);
  return server == servers_.end() ? nullptr : &server->second;
}

Reply Cloud::show(const Call& call, LedgerEntry& entry, TimePoint now) {
  if (call.path == "/servers" && !call.query.contains("key")) {
    boost::json::array all;
    for (const auto& [id, server] : servers_) all.emplace_back(view(server, now));
    entry.outcome = "found";
    return {200, all, Millis{0}};
  }
  const auto* server = find(call);
  entry.outcome = server ? "found" : "missing";
  if (!server) return error(404, "missing", "no such server");
  return {200, view(*server, now), Millis{0}};
}

/// Deleting nothing is fine: whoever reverts does not know whether the create came through.
Reply Cloud::remove(const Call& call, LedgerEntry& entry) {
  const auto* server = find(call);
  entry.outcome = server ? "deleted" : "nothing";
  if (entry.key.empty())
    if (const auto key = call.query.find("key"); key != call.query.end()) entry.key = key->second;
  if (server) servers_.erase(std::string(server->id));
  return {200, boost::json::object{{"deleted", server != nullptr}}, Millis{0}};
}

Reply Cloud::configure(const Call& call, LedgerEntry& entry) {
  const auto name = text_of(call.body, "name");
  if (name.empty()) return entry.outcome = "failed", error(400, "name", "a cluster needs a 'name'");
  entry.outcome = "configured";
  clusters_[name] = call.body.get_object();
  return {200, call.body, Millis{0}};
}

Reply Cloud::set_faults(const boost::json::value& body) {
  if (!body.is_array()) return error(400, "faults", "faults are a list");
  std::vector<Fault> faults;
  for (const auto& item : body.get_array()) {
    Fault fault{text_of(item, "verb"), text_of(item, "hostname"), text_of(item, "mode"),
                number_of(item, "times", 1), Millis{number_of(item, "delay_ms", 3'600'000)}};
    if (fault.mode != "fail" && fault.mode != "lose" && fault.mode != "hang")
      return error(400, "faults", "a fault's mode is fail, lose or hang");
    faults.push_back(std::move(fault));
  }
  faults_ = std::move(faults);
  return {200, boost::json::object{{"faults", faults_.size()}}, Millis{0}};
}

boost::json::object Cloud::view(const Server& server, TimePoint now) const {
  return {{"id", server.id},
          {"hostname", server.hostname},
          {"key", server.key},
          {"status", now >= server.active_at ? "ACTIVE" : "BUILDING"}};
}

}  // namespace baton::example_cloud
