#include "conductor/api/hook_reads.h"

#include <utility>

#include "common/model/name_list.h"
#include "conductor/api/json_text.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

using conductor::Hook;
using conductor::HookCommand;
using conductor::HookWebhook;

constexpr std::uint32_t kCallsShownMax = 200;  // of each kind

/// An address may hold a secret behind its host: that is all that is shown.
std::string shown_place(const HookWebhook& webhook) {
  if (!webhook.url_file.empty()) return "the address in " + webhook.url_file;
  const auto path = webhook.url.find('/', webhook.url.find("//") + 2);
  return webhook.url.substr(0, path) + (path == std::string::npos ? "" : "/…");
}

void write_hook(JsonText& json, const Hook& hook) {
  json.begin_object().member("name", hook.name).key("events").begin_array();
  for (const auto event : hook.on) json.text(to_string(event));
  json.end_array();
  if (const auto* command = std::get_if<HookCommand>(&hook.how))
    json.member("command", command->argv[0]);
  else
    json.member("webhook", shown_place(std::get<HookWebhook>(hook.how)));
  json.key("flows").begin_array();
  for (const auto& flow : hook.flows) json.text(flow);
  json.end_array().key("priorities").begin_array();
  for (const auto priority : hook.priorities) json.text(to_string(priority));
  json.end_array().member("timeout_ms", hook.timeout).member("attempts", hook.attempts);
  if (hook.stalled_after > Millis{0}) json.member("stalled_after_ms", hook.stalled_after);
  json.end_object();
}

void write_call(JsonText& json, const ports::HookCall& call) {
  json.begin_object().member("id", call.id).member("hook", call.hook);
  json.member("event", to_string(call.event)).member("state", to_string(call.state));
  json.member("job", call.job.value).member("run", call.run);
  if (call.flow) json.member("flow_id", call.flow->value.to_string());
  json.member("about", call.about).member("attempts", call.attempts);
  json.member("recorded_at", call.recorded_at);
  if (call.holder) json.member("made_by", call.holder_name);
  if (call.state == ports::HookCallState::Pending && !call.holder) json.member("next_at", call.next_at);
  if (call.ended_at) json.member("ended_at", *call.ended_at);
  if (!call.last_error.empty()) json.member("error", call.last_error);
  json.end_object();
}

void write_calls(JsonText& json, const char* name, const ports::HookCallPage& page) {
  json.key(name).begin_array();
  for (const auto& call : page.calls) write_call(json, call);
  json.end_array();
}

}  // namespace

Problem no_hook_calls_kept() {
  return {404, "no-hooks", "No hooks here", "the store of this conductor remembers no calls of hooks"};
}

/// What is put together from three questions.
struct HookReads::Listing {
  std::vector<ports::HookCount> counts;
  ports::HookCallPage pending, given_up;
};

void HookReads::list(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  auto* hooks = backend_.store.hooks();
  if (!hooks) return reply(to_response(no_hook_calls_kept()));
  const auto me = shared_from_this();
  const auto all = std::make_shared<Listing>();
  hooks->hook_counts(
      [me, all, hooks, reply](Result<std::vector<ports::HookCount>, ports::StoreError> counts) {
        if (!counts.ok()) return reply(to_response(from_store(counts.error())));
        all->counts = std::move(counts).value();
        using Page = Result<ports::HookCallPage, ports::StoreError>;
        hooks->hook_calls({.job = {}, .state = ports::HookCallState::GivenUp, .limit = kCallsShownMax},
                          [me, all, hooks, reply](Page given_up) {
                            if (!given_up.ok()) return reply(to_response(from_store(given_up.error())));
                            all->given_up = std::move(given_up).value();
                            hooks->hook_calls(
                                {.job = {}, .state = ports::HookCallState::Pending, .limit = kCallsShownMax},
                                [me, all, reply](Page pending) {
                                  if (!pending.ok()) return reply(to_response(from_store(pending.error())));
                                  all->pending = std::move(pending).value();
                                  me->write_all(*all, reply);
                                });
                          });
      });
}

void HookReads::write_all(const Listing& all, const Reply& reply) const {
  const auto* book = backend_.inspection.hooks();
  JsonText json;
  json.begin_object().key("hooks").begin_array();
  if (book)
    for (const Hook& hook : book->hooks()) write_hook(json, hook);
  json.end_array().key("counts").begin_array();
  for (const auto& count : all.counts) {
    json.begin_object().member("hook", count.hook);
    json.member("pending", count.pending).member("given_up", count.given_up);
    if (count.oldest_pending) json.member("oldest_pending", *count.oldest_pending);
    json.member("here", book && book->find(count.hook) != nullptr).end_object();
  }
  json.end_array();
  write_calls(json, "given_up", all.given_up);
  write_calls(json, "pending", all.pending);
  json.member("seen_by", backend_.inspection.self().name).end_object();
  reply(Response{200, "application/json", json.take(), {}});
}

void HookReads::of_job(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  auto* hooks = backend_.store.hooks();
  if (!hooks) return reply(to_response(no_hook_calls_kept()));
  const JobId job(request.path[2]);
  hooks->hook_calls({.job = job, .state = {}, .limit = kCallsShownMax},
                    [me = shared_from_this(), job,
                     reply = std::move(reply)](const Result<ports::HookCallPage, ports::StoreError>& page) {
                      if (!page.ok()) return reply(to_response(from_store(page.error())));
                      if (page->calls.empty()) return me->list_of_unknown(job, reply);
                      JsonText json;
                      json.begin_object();
                      write_calls(json, "calls", *page);
                      json.member("more", page->more).end_object();
                      reply(Response{200, "application/json", json.take(), {}});
                    });
}

/// A job without calls, unless it is none.
void HookReads::list_of_unknown(const JobId& job, Reply reply) {
  using Known = Result<std::vector<ports::JobSummary>, ports::StoreError>;
  backend_.store.summaries({job}, [job, board = board_, reply = std::move(reply)](const Known& known) {
    if (!known.ok()) return reply(to_response(from_store(known.error())));
    const Response none{200, "application/json", "{\"calls\": [], \"more\": false}", {}};
    if (!known->empty()) return reply(none);
    board->fresh([job, none, reply](const auto& jobs) {
      if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
      reply(find_job(**jobs, job) ? none : to_response(no_such_job(job.value)));
    });
  });
}

void HookReads::test(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  const std::string& name = request.path[2];
  const bool begun = backend_.inspection.test_hook(name, [name, reply](const std::string& error) {
    JsonText json;
    json.begin_object().member("hook", name).member("taken", error.empty());
    if (!error.empty()) json.member("error", error);
    json.end_object();
    reply(Response{200, "application/json", json.take(), {}});
  });
  if (begun) return;
  std::vector<std::string> known;
  if (const auto* book = backend_.inspection.hooks())
    for (const Hook& hook : book->hooks()) known.push_back(hook.name);
  reply(to_response({404, "no-such-hook", "No such hook",
                     "this conductor has no hook '" + shown_name(name) + "'; it has: " + name_list(known) +
                         ". Hooks stand in the file that conductor.hooks_file names"}));
}

}  // namespace baton::api
