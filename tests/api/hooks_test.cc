#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "conductor/api/hook_retries.h"
#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;
using ports::HookEvent;

namespace {

std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

conductor::Hook webhook(const std::string& url) {
  conductor::Hook hook;
  hook.name = "chat";
  hook.on = {HookEvent::Failed, HookEvent::Stalled};
  hook.stalled_after = Millis{60'000};
  hook.flows = {"backup-*"};
  conductor::HookWebhook where;
  where.url = url;
  where.headers["Authorization"] = "topsecret";
  hook.how = where;
  return hook;
}

/// Of a job that nobody has claimed: any will do.
void record(ApiWorld& world, const std::string& job, const std::string& hook) {
  const ports::NewStall stall{JobId(job),
                              1,
                              std::nullopt,
                              0,
                              {hook, HookEvent::Stalled, Value::parse(R"({"state": "PENDING"})").value()}};
  REQUIRE(world.database->record_stalls({stall}, world.loop.wall()).ok());
}

ports::HookCall take(ApiWorld& world, const std::string& hook) {
  const ports::HookTake take{{{hook, 1, Millis{1'000}}}, Incarnation{}, "c1"};
  const auto taken = world.database->take_hook_calls(take, world.loop.wall()).value();
  REQUIRE(taken.size() == 1);
  return taken[0];
}

void give_up(ApiWorld& world, const std::string& hook) {
  const ports::HookEnding ending{take(world, hook), ports::HookEnding::How::GivenUp, {}, "no"};
  REQUIRE(world.database->end_hook_call(ending, world.loop.wall()).ok());
}

/// Somebody is faster, or its answer is lost.
struct OvertakenStore final : memory::MemoryFlowStore {
  using MemoryFlowStore::MemoryFlowStore;
  void retry_hook_call(const ports::HookRetry& retry, Done<bool> done) override {
    before();
    if (!lost) return MemoryFlowStore::retry_hook_call(retry, std::move(done));
    MemoryFlowStore::retry_hook_call(retry, [done = std::move(done)](const auto&) {
      done(Fail(ports::StoreError{ports::StoreErrorCode::Unavailable, "the connection is lost"}));
    });
  }
  std::function<void()> before = [] {};
  bool lost = false;
};

api::Request retry_request() {
  api::Request request;
  request.path = {"v1", "hook-calls", "1", "retry"};
  request.body = R"({"who": "ann"})";
  return request;
}

}  // namespace

TEST_CASE("hooks are listed without what may be secret, and with the calls that wait", "[api]") {
  ApiWorld world;
  world.inspection.hook_book = conductor::HookBook({webhook("https://chat.example.com:8443/T0/topsecret")});
  record(world, "job-1", "chat");
  record(world, "job-2", "page");
  const auto answer = world.get("/v1/hooks");
  CHECK(answer.status == 200);
  CHECK(answer.body.find("topsecret") == std::string::npos);
  const auto json = answer.json();
  const auto& hook = json.at("hooks").as_array().at(0);
  CHECK(text(hook.at("webhook")) == "https://chat.example.com:8443/…");
  CHECK(hook.at("events") == boost::json::value({"failed", "stalled"}));
  CHECK(hook.at("flows") == boost::json::value({"backup-*"}));
  CHECK(hook.at("stalled_after_ms") == 60'000);
  const auto& pending = json.at("pending").as_array();
  REQUIRE(pending.size() == 2);
  CHECK(text(pending[1].at("job")) == "job-1");
  CHECK(text(pending[1].at("event")) == "stalled");
  CHECK(json.at("given_up").as_array().empty());
  const auto& counts = json.at("counts").as_array();
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].at("here") == true);
  CHECK(text(counts[1].at("hook")) == "page");
  CHECK(counts[1].at("here") == false);  // nobody here can make it
}

TEST_CASE("the calls about a job are shown, of an unknown job that there is none", "[api]") {
  ApiWorld world;
  world.post_greeting("job-1");
  CHECK(world.get("/v1/jobs/job-1/hooks").json().at("calls").as_array().empty());  // on the board only
  world.claim("job-1");
  CHECK(world.get("/v1/jobs/job-1/hooks").json().at("calls").as_array().empty());
  record(world, "job-9", "page");
  CHECK(text(world.get("/v1/jobs/job-9/hooks").json().at("calls").as_array().at(0).at("hook")) == "page");
  CHECK(world.get("/v1/jobs/job-0/hooks").status == 404);
}

TEST_CASE("a hook is tried, an unknown one says what is known", "[api]") {
  ApiWorld world;
  world.inspection.hook_book = conductor::HookBook({webhook("http://h/")});
  CHECK(world.ask("POST", "/v1/hooks/chat/test").json().at("taken") == true);
  world.inspection.hook_error = "http://h:80 answered 500";
  const auto failed = world.ask("POST", "/v1/hooks/chat/test").json();
  CHECK(failed.at("taken") == false);
  CHECK(text(failed.at("error")) == "http://h:80 answered 500");
  const auto unknown = world.ask("POST", "/v1/hooks/page/test");
  CHECK(unknown.status == 404);
  CHECK_THAT(unknown.detail(), Catch::Contains("no hook 'page'; it has: chat"));
}

TEST_CASE("a call that was given up is ordered again", "[api]") {
  ApiWorld world;
  world.inspection.hook_book = conductor::HookBook({webhook("http://h/")});
  record(world, "job-1", "chat");
  record(world, "job-2", "page");
  give_up(world, "chat");
  give_up(world, "page");
  const auto ask = [&](const std::string& call, const std::string& query = {}) {
    return world.ask("POST", "/v1/hook-calls/" + call + "/retry" + query,
                     R"({"who": "ann@ops", "reason": "it is back"})");
  };
  const auto tried = ask("1", "?dry_run=true");
  CHECK(tried.status == 200);
  CHECK(tried.json().at("dry_run") == true);
  CHECK(world.get("/v1/hooks").json().at("given_up").as_array().size() == 2);
  const auto done = ask("1");
  CHECK(done.status == 202);
  CHECK(done.json().at("call") == 1);
  CHECK(text(done.json().at("hook")) == "chat");
  CHECK(text(done.json().at("job")) == "job-1");
  CHECK(text(done.json().at("who")) == "ann@ops");
  CHECK(text(done.json().at("reason")) == "it is back");
  CHECK_FALSE(done.json().as_object().contains("warning"));
  const auto listed = world.get("/v1/hooks").json();
  CHECK(listed.at("given_up").as_array().size() == 1);
  CHECK(listed.at("pending").as_array().size() == 1);
  const auto elsewhere = ask("2");
  CHECK(elsewhere.status == 202);
  CHECK_THAT(text(elsewhere.json().at("warning")), Catch::Contains("has no hook 'page'"));
}

TEST_CASE("what cannot be ordered again is refused with its reason", "[api]") {
  ApiWorld world;
  record(world, "job-1", "chat");
  const auto ask = [&](const std::string& call, const std::string& body = R"({"who": "ann"})") {
    return world.ask("POST", "/v1/hook-calls/" + call + "/retry", body);
  };
  CHECK(ask("1").status == 409);
  CHECK_THAT(ask("1").detail(), Catch::Contains("call 1 of hook 'chat' about job 'job-1' waits"));
  const auto taken = take(world, "chat");
  CHECK_THAT(ask("1").detail(), Catch::Contains("is made by c1, whose it is until"));
  REQUIRE(
      world.database->end_hook_call({taken, ports::HookEnding::How::Done, {}, {}}, world.loop.wall()).ok());
  CHECK_THAT(ask("1").detail(), Catch::Contains("has been taken"));
  for (const char* unknown : {"2", "0", "x", "18446744073709551615", "9223372036854775807"}) {
    INFO(unknown);
    CHECK(ask(unknown).status == 404);
    CHECK_THAT(ask(unknown).detail(), Catch::Contains(unknown));
  }
  CHECK(ask("1", "[]").status == 400);
  CHECK(ask("1", "{}").status == 422);
  CHECK_THAT(ask("1", "{}").detail(), Catch::Contains("'who' is missing"));
  CHECK_THAT(ask("1", R"({"who": "ann", "why": "x"})").detail(), Catch::Contains("'why' is not known"));
  CHECK(world.ask("GET", "/v1/hook-calls/1/retry").status == 405);
}

TEST_CASE("where another was faster with an order the answer is what became of the call", "[api]") {
  ApiWorld world;
  record(world, "job-1", "chat");
  give_up(world, "chat");
  OvertakenStore store{world.loop, world.loop, world.database};
  const api::Backend backend{store,           world.board, world.inspection, world.feed,
                             world.catalogue, world.loop,  world.entropy,    world.metrics};
  const auto order = [&] {
    std::optional<api::Response> said;
    std::make_shared<api::HookRetries>(backend)->post(retry_request(), [&](api::Answer answer) {
      said = std::get<api::Response>(std::move(answer));
      world.loop.stop();
    });
    while (!said) world.loop.run();
    return *said;
  };
  const auto other = [&] {
    const auto call = world.database->hook_calls({})->calls.at(0);
    REQUIRE(world.database->retry_hook_call({call, "bob", ""}, world.loop.wall()).value());
  };
  store.before = other;
  CHECK(order().status == 202);  // it waits, as was wished
  give_up(world, "chat");
  store.before = [&] {
    other();
    give_up(world, "chat");
  };
  const auto late = order();
  CHECK(late.status == 409);
  CHECK_THAT(late.body, Catch::Contains("has been tried since, and given up again"));
  store.before = [] {};
  store.lost = true;
  const auto unheard = order();
  CHECK(unheard.status == 503);
  CHECK_THAT(unheard.body, Catch::Contains("order-unknown") && !Catch::Contains("nothing was changed"));
  store.lost = false;
  CHECK(world.database->hook_calls({})->calls.at(0).state == ports::HookCallState::Pending);
  CHECK(order().status == 409);  // it waits: that is what was asked for
}
