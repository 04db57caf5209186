#include <baton/client.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <thread>
#include <utility>

#include "client/api_address.h"
#include "client/command/context.h"
#include "client/event_stream_reader.h"
#include "client/http_client.h"
#include "common/model/states.h"

namespace baton::embed {
namespace {

using client::Answer;
using client::number_of;
using client::text_of;

constexpr std::chrono::milliseconds kPause{250};  // a conductor that starts again needs a moment

/// The conductor, its database or its board has no time now.
bool may_pass(unsigned status) {
  return status == 503 || status == 504;
}

bool is_stream(const Answer& answer) {
  return answer.status == 204 || answer.content_type.starts_with("text/event-stream");
}

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

/// None: it is no row (the stream's end).
std::optional<JobEvent> event_of(const client::ServerEvent& event) {
  boost::system::error_code code;
  const auto data = json::parse(event.data, code);
  const auto* object = code ? nullptr : data.if_object();
  const auto* row = object ? object->if_contains("row") : nullptr;
  if (event.type == "end" || !row || !row->is_object()) return std::nullopt;
  return JobEvent{event.id, text_of(*row, "atom"), text_of(*row, "state"), text_of(*row, "what"),
                  row->get_object()};
}

}  // namespace

struct Client::Impl {
  client::HttpClient http;

  /// Gives the last row's id; `going_on` is false if on_event said so.
  Result<Answer, client::Unreachable> rows(const std::string& uuid, std::string& last, bool& going_on,
                                           const std::function<bool(const JobEvent&)>& on_event) const {
    client::EventStreamReader reader;
    const auto take = [&](const client::ServerEvent& event) {
      const auto row = event_of(event);
      if (!row) return true;
      last = row->id;
      return !on_event || on_event(*row);
    };
    return http.stream(client::job_target(uuid) + "/events", {{"Last-Event-ID", last}},
                       [&](std::string_view bytes) { return going_on = reader.feed(bytes, take); });
  }
};

Client::Client(const std::string& conductors, std::chrono::milliseconds timeout)
    : impl_(new Impl{client::HttpClient(client::api_addresses(conductors), timeout)}) {}
Client::~Client() = default;

Posted Client::post(const Posting& posting) {
  client::Headers headers;
  if (!posting.key.empty()) headers.emplace_back("Idempotency-Key", posting.key);
  const auto answer = impl_->http.post("/v1/jobs", body_of(posting), headers);
  const json::value body(object_of(answer));
  return {text_of(body, "uuid"), answer->status == 201, text_of(body, "warning")};
}

Job Client::show(const std::string& uuid) {
  return job_of(object_of(impl_->http.get(client::job_target(uuid))));
}

Job Client::follow(const std::string& uuid, const std::function<bool(const JobEvent&)>& on_event) {
  std::string last = "0", why = "nothing came";
  for (int breaks = 0; breaks <= kBreaksMax; ++breaks) {
    if (breaks > 0) std::this_thread::sleep_for(kPause);
    bool going_on = true;
    const std::string before = last;
    const auto answer = impl_->rows(uuid, last, going_on, on_event);
    if (!going_on) return show(uuid);
    if (last != before) breaks = 0;
    if (!answer.ok()) why = answer.error().message;
    if (answer.ok() && !is_stream(*answer) && !may_pass(answer->status)) refuse(*answer);
    const auto shown = impl_->http.get(client::job_target(uuid));
    if (!shown.ok() || may_pass(shown->status)) continue;
    if (auto job = job_of(object_of(shown)); is_final(job.state)) return job;
  }
  throw ClientError(0, "the stream of events of " + uuid + " broke off " + std::to_string(kBreaksMax) +
                           " times; at last: " + why);
}

std::uint64_t Client::order(const std::string& uuid, const Order& order) {
  const auto answer = impl_->http.post(client::job_target(uuid) + "/orders", body_of(order), {});
  return static_cast<std::uint64_t>(number_of(json::value(object_of(answer)), "id"));
}

}  // namespace baton::embed
