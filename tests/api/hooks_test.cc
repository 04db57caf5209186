#include <catch2/catch.hpp>

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
