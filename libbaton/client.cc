#include <baton/client.h>

#include <boost/json/serialize.hpp>
#include <utility>

#include "client/api_address.h"
#include "client/command/context.h"
#include "client/http_client.h"
#include "client/job_rows.h"
#include "common/model/states.h"

namespace baton::embed {
namespace {

using client::Answer;
using client::number_of;
using client::text_of;

constexpr std::chrono::milliseconds kPause{250};  // between two streams

[[noreturn]] void refuse(const client::Unreachable& nobody) {
  throw ClientError(0, nobody.message);
}

[[noreturn]] void refuse(const Answer& answer) {
  const bool problem = answer.body.is_object() && answer.body.get_object().contains("title");
  std::string what = answer.asked + " at " + answer.from + ": " + std::to_string(answer.status);
  if (problem) what += " " + text_of(answer.body, "title") + ": " + text_of(answer.body, "detail");
  throw ClientError(answer.status, what, problem ? answer.body : json::value());
}

json::object object_of(const Result<Answer, client::Unreachable>& answer) {
  if (!answer.ok()) refuse(answer.error());
  if (answer->status < 200 || answer->status > 299 || !answer->body.is_object()) refuse(*answer);
  return answer->body.get_object();
}

std::string body_of(const Posting& posting) {
  json::object body;
  if (posting.inline_flow) {
    body["flow"] = posting.inline_flow->json();
  } else {
    body["flow"] = posting.flow;
    body["parameters"] = posting.parameters;
  }
  if (!posting.store.empty()) body["store"] = posting.store;
  if (!posting.name.empty()) body["name"] = posting.name;
  if (!posting.priority.empty()) body["priority"] = posting.priority;
  if (!posting.uuid.empty()) body["uuid"] = posting.uuid;
  return json::serialize(body);
}

std::string body_of(const Order& order) {
  json::object body{{"order", order.order}, {"who", order.who}};
  if (!order.why.empty()) body["why"] = order.why;
  if (order.keep) body["keep"] = true;
  if (order.anew) body["anew"] = true;
  if (order.run > 0) body["run"] = order.run;
  if (!order.atom.empty()) body["atom"] = order.atom;
  if (order.result) body["result"] = *order.result;
  return json::serialize(body);
}

Job job_of(json::object all) {
  const json::value whole(all);
  const auto state = flow_state_from(text_of(whole, "state"));
  if (!state) throw ClientError(200, "the answer is no conductor's: it has no state");
  Job job;
  job.uuid = text_of(whole, "uuid");
  job.name = text_of(whole, "name");
  job.state = static_cast<FlowState>(*state);
  job.run = static_cast<std::uint32_t>(number_of(whole, "run"));
  job.all = std::move(all);
  return job;
}

JobEvent event_of(const std::string& id, const json::value& row) {
  return {id, text_of(row, "atom"), text_of(row, "state"), text_of(row, "what"), row.get_object()};
}

}  // namespace

struct Client::Impl {
  client::HttpClient http;
};

Client::Client(const std::string& conductors, std::chrono::milliseconds timeout)
    : impl_(new Impl{client::HttpClient(client::api_addresses(conductors), timeout)}) {}
Client::~Client() = default;

Posted Client::post(const Posting& posting) {
  client::Headers headers;
  if (!posting.key.empty()) headers.emplace_back("Idempotency-Key", posting.key);
  const auto answer = impl_->http.post("/v1/jobs", body_of(posting), headers);
  const json::value body(object_of(answer));
  const auto* file = body.get_object().if_contains("flow_file");
  return {text_of(body, "uuid"), answer->status == 201, text_of(body, "warning"),
          file ? static_cast<std::uint32_t>(number_of(*file, "version")) : 0};
}

Job Client::show(const std::string& uuid) {
  return job_of(object_of(impl_->http.get(client::job_target(uuid))));
}

Job Client::follow(const std::string& uuid, const std::function<bool(const JobEvent&)>& on_event) {
  using Read = client::JobRows::Read;
  client::JobRows rows(impl_->http, client::job_target(uuid), {kBreaksMax, kPause});
  while (rows.again()) {
    const Read read = rows.read([&](const std::string& id, const json::value& row) {
      return !on_event || on_event(event_of(id, row));
    });
    if (read == Read::Stopped) return show(uuid);
    if (read == Read::Refused) refuse(rows.answer());
    if (read == Read::Garbled) throw ClientError(200, rows.why());
    if (read != Read::All) continue;  // a job that has ended may have rows that were not told
    const auto shown = impl_->http.get(client::job_target(uuid));
    if (!shown.ok() || client::may_pass(shown->status)) continue;
    if (auto job = job_of(object_of(shown)); is_final(job.state)) return job;
  }
  throw ClientError(0, rows.why());
}

std::uint64_t Client::order(const std::string& uuid, const Order& order) {
  const auto answer = impl_->http.post(client::job_target(uuid) + "/orders", body_of(order), {});
  return static_cast<std::uint64_t>(number_of(json::value(object_of(answer)), "id"));
}

}  // namespace baton::embed
