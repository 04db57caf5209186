#include "conductor/api/hook_retries.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/name_list.h"
#include "common/model/order.h"
#include "common/model/value.h"
#include "conductor/api/hook_reads.h"
#include "conductor/api/json_text.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"
#include "conductor/api/text_member.h"
#include "flowfile/limits.h"

namespace baton::api {
namespace {

using ports::HookCall;
using ports::HookCallState;
using ports::HookRetry;

constexpr std::array<std::string_view, 2> kKnown{"who", "reason"};

std::variant<HookRetry, Problem> read_body(const std::string& body) {
  const auto value = Value::parse(body);
  const auto tree = value.ok() ? value->tree() : boost::json::value();
  const auto* object = tree.if_object();
  if (!object)
    return bad_request("the body is no JSON object that can be kept; wanted: one with who, reason");
  HookRetry retry;
  std::vector<ProblemItem> problems;
  for (const auto& member : *object)
    if (const std::string_view name = member.key();
        problems.size() < flowfile::kProblemsMax &&
        std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
      problems.push_back(
          {"/" + shown_name(name), "member '" + shown_name(name) + "' is not known; known: who, reason"});
  const auto text = [&](const char* name, std::size_t least, std::size_t most) {
    auto read = text_member(*object, name, least, most);
    if (!read.ok()) problems.push_back({std::string("/") + name, read.error()});
    return read.ok() ? std::move(read).value() : std::string();
  };
  retry.who = text("who", 1, kOrderWhoBytesMax);
  if (object->contains("reason")) retry.why = text("reason", 0, kOrderWhyBytesMax);
  if (!problems.empty()) return bad_body("bad-order", "The order cannot be taken", std::move(problems));
  return retry;
}

/// Its number; nullopt: there can be no such call.
std::optional<std::uint64_t> call_id(const std::string& text) {
  const auto id = whole_number(text);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() - 1;  // the store's numbers
  return id && *id > 0 && *id <= most ? id : std::nullopt;
}

Problem no_such_call(const std::string& id) {
  return {404, "no-such-hook-call", "No such call of a hook",
          "no call of a hook is known as '" + shown_name(id) +
              "'; GET /v1/hooks lists those that were given up, each with its id"};
}

/// Unlike a read's, its failure may have come after the deed.
Problem not_ordered(const ports::StoreError& error) {
  if (error.code == ports::StoreErrorCode::SchemaMismatch) return from_store(error);
  return {503,
          "order-unknown",
          "Nobody knows whether the call is ordered again",
          error.message + "; ask again: it is not ordered twice",
          {},
          {{"Retry-After", "1"}}};
}

std::string shown(const HookCall& call) {
  return "call " + std::to_string(call.id) + " of hook '" + call.hook + "' about job '" + call.job.value +
         "'";
}

std::string standing_of(const HookCall& call) {
  const std::string at = to_rfc3339(call.next_at);
  if (call.state == HookCallState::Done) return "has been taken: nothing is left to be made again";
  if (call.state == HookCallState::GivenUp) return "has been tried since, and given up again: ask again";
  return call.holder ? "is made by " + call.holder_name + ", whose it is until " + at
                     : "waits, and is made at " + at;
}

Problem not_given_up(const HookCall& call) {
  return {409, "hook-call-not-given-up", "The call was not given up", shown(call) + " " + standing_of(call)};
}

}  // namespace

void HookRetries::post(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"dry_run"})) return reply(to_response(*unknown));
  const auto dry_run = dry_run_parameter(request);
  if (!dry_run.ok()) return reply(to_response(dry_run.error()));
  auto read = read_body(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) return reply(to_response(*problem));
  auto* hooks = backend_.store.hooks();
  if (!hooks) return reply(to_response(no_hook_calls_kept()));
  const auto id = call_id(request.path[2]);
  if (!id) return reply(to_response(no_such_call(request.path[2])));
  look(
      *id,
      [self = shared_from_this(), dry_run = dry_run.value(), retry = std::get<HookRetry>(std::move(read)),
       reply](HookCall call) mutable {
        retry.call = std::move(call);
        self->judge(std::move(retry), dry_run, reply);
      },
      reply);
}

void HookRetries::look(std::uint64_t id, Found then, Reply reply) {
  using Page = Result<ports::HookCallPage, ports::StoreError>;
  backend_.store.hooks()->hook_calls({.job = {}, .state = {}, .before = id + 1, .limit = 1},
                                     [id, then = std::move(then), reply = std::move(reply)](Page page) {
                                       if (!page.ok()) return reply(to_response(from_store(page.error())));
                                       if (page->calls.empty() || page->calls[0].id != id)
                                         return reply(to_response(no_such_call(std::to_string(id))));
                                       then(std::move(page->calls[0]));
                                     });
}

void HookRetries::judge(HookRetry retry, bool dry_run, Reply reply) {
  if (retry.call.state != HookCallState::GivenUp) return reply(to_response(not_given_up(retry.call)));
  if (dry_run) return reply(ordered(retry, true));
  backend_.store.hooks()->retry_hook_call(
      retry, [self = shared_from_this(), retry, reply](const Result<bool, ports::StoreError>& changed) {
        if (!changed.ok()) return reply(to_response(not_ordered(changed.error())));
        changed.value() ? reply(self->ordered(retry, false)) : self->look_again(retry, reply);
      });
}

/// Another was faster, or the answer to our own order was lost: if it waits it is as wished.
void HookRetries::look_again(const HookRetry& retry, Reply reply) {
  look(
      retry.call.id,
      [self = shared_from_this(), retry, reply](const HookCall& call) {
        reply(call.state == HookCallState::Pending ? self->ordered(retry, false)
                                                   : to_response(not_given_up(call)));
      },
      reply);
}

Response HookRetries::ordered(const HookRetry& retry, bool dry_run) const {
  const HookCall& call = retry.call;
  const auto* book = backend_.inspection.hooks();
  JsonText json;
  json.begin_object().member("call", call.id).member("hook", call.hook);
  json.member("event", to_string(call.event)).member("job", call.job.value).member("run", call.run);
  json.member("attempts", call.attempts).member("who", retry.who);
  if (!retry.why.empty()) json.member("reason", retry.why);
  if (dry_run) json.member("dry_run", true);
  if (!book || !book->find(call.hook))
    json.member("warning", backend_.inspection.self().name + " has no hook '" + call.hook +
                               "': the call waits for a conductor that has one of that name");
  json.end_object();
  return {dry_run ? 200u : 202u, "application/json", json.take(), {}};
}

}  // namespace baton::api
