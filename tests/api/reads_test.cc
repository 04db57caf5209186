#include <catch2/catch.hpp>

#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

std::vector<std::string> uuids(const boost::json::value& page) {
  std::vector<std::string> found;
  for (const auto& job : page.at("jobs").as_array()) found.push_back(text(job.at("uuid")));
  return found;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a job that nobody has claimed is listed and shown as PENDING with the reason", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  const auto listed = world.get("/v1/jobs").json().at("jobs").as_array();
  REQUIRE(listed.size() == 1);
  CHECK(text(listed[0].at("state")) == "PENDING");
  CHECK(text(listed[0].at("flow")) == "greet");
  CHECK(text(listed[0].at("waiting_for")) == "no conductor has claimed it yet");
  const auto shown = world.get("/v1/jobs/j1").json();
  CHECK(text(shown.at("state")) == "PENDING");
  CHECK(shown.at("atoms").as_array().empty());
  CHECK(shown.at("details").at("factory").at("name") == "greet");
}

TEST_CASE("a job that this conductor leaves alone says why", "[api]") {
  ApiWorld world;
  const auto path = world.post_greeting("j1");
  world.inspection.alone.push_back({JobId("j1"), "hello", path, "no flow 'greet' here", 3, Millis{250}});
  CHECK(text(world.get("/v1/jobs/j1").json().at("waiting_for")) == "no flow 'greet' here");
  const auto alone = world.get("/v1/left-alone").json().at("left_alone").as_array();
  REQUIRE(alone.size() == 1);
  CHECK(text(alone[0].at("reason")) == "no flow 'greet' here");
  CHECK(alone[0].at("next_try_in_ms") == 250);
}

TEST_CASE("a running job shows its atoms as recorded, with their scopes", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.run_atom("j1", 0, R"({"said": 1.0})");
  const auto answer = world.get("/v1/jobs/j1");
  const auto job = answer.json();
  CHECK(text(job.at("state")) == "RUNNING");
  CHECK(text(job.at("conductor")) == "conductor-1");
  CHECK(job.at("atoms_total") == 2);
  CHECK(job.at("atoms_done") == 1);
  CHECK_FALSE(job.as_object().contains("waiting_for"));
  const auto& atoms = job.at("atoms").as_array();
  REQUIRE(atoms.size() == 2);
  CHECK(text(atoms[0].at("name")) == "hello");
  CHECK(text(atoms[0].at("type")) == "say");
  CHECK(text(atoms[0].at("state")) == "SUCCESS");
  CHECK(atoms[0].at("attempt") == 1);
  CHECK(atoms[0].as_object().contains("duration_ms"));
  CHECK(atoms[1].at("scope") == boost::json::value({"greet", "inner"}));
  CHECK_THAT(answer.body, Catch::Contains(R"("result": {"said": 1.0})"));  // the bytes, not 1E0
}

TEST_CASE("what runs and waits right now comes from the conductor that holds the job", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  CHECK(world.get("/v1/jobs/j1").json().at("live") == false);
  conductor::LiveFlow live;
  live.job = JobId("j1");
  live.running.push_back(
      {"hello", Intention::Execute, 1, 1, "w1", {}, true, true, 0, Millis{20}, 0.5, "half"});
  live.waiting.push_back({"bye", "say", Intention::Execute, Millis{40}, "no worker advertises 'say'"});
  world.inspection.live = {live};
  const auto job = world.get("/v1/jobs/j1").json();
  CHECK(job.at("live") == true);
  CHECK(text(job.at("atoms").as_array()[0].at("delivery").at("progress_note")) == "half");
  CHECK(text(job.at("atoms").as_array()[1].at("waiting").at("reason")) == "no worker advertises 'say'");
}

TEST_CASE("a job of another conductor names the API that knows more", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.inspection.me.name = "conductor-2";
  ports::Member other;
  other.name = "conductor-1";
  other.api = "127.0.0.1:27081";
  world.inspection.members = {other};
  CHECK(text(world.get("/v1/jobs/j1").json().at("owner_api")) == "127.0.0.1:27081");
}

TEST_CASE("atoms come in pages", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  const auto first = world.get("/v1/jobs/j1?atoms_limit=1").json();
  REQUIRE(first.at("atoms").as_array().size() == 1);
  CHECK(first.at("atoms_next") == 1);
  const auto rest = world.get("/v1/jobs/j1?atoms_after=1").json();
  REQUIRE(rest.at("atoms").as_array().size() == 1);
  CHECK(text(rest.at("atoms").as_array()[0].at("name")) == "bye");
  CHECK_FALSE(rest.as_object().contains("atoms_next"));
}

TEST_CASE("a large result is shown by its size, the history has it", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.run_atom("j1", 0, "\"" + std::string(5000, 'x') + "\"");
  const auto atom = world.get("/v1/jobs/j1").json().at("atoms").as_array()[0];
  CHECK(atom.at("result_bytes") == 5002);
  CHECK_FALSE(atom.as_object().contains("result"));
  CHECK_THAT(world.get("/v1/jobs/j1/history").body, Catch::Contains(std::string(5000, 'x')));
}

TEST_CASE("an unknown job is 404 with what to do", "[api]") {
  ApiWorld world;
  for (const auto* target : {"/v1/jobs/nobody", "/v1/jobs/nobody/history", "/v1/jobs/nobody/events"}) {
    const auto answer = world.get(target);
    CHECK(answer.status == 404);
    CHECK(answer.problem() == "no-such-job");
    CHECK(answer.detail() ==
          "no job 'nobody' is recorded or on the board; GET /v1/jobs lists those that are");
  }
}

TEST_CASE("pages of jobs: unclaimed ones first, newest first, none twice, none left out", "[api]") {
  ApiWorld world;
  Names expected;
  for (int i = 0; i < 7; ++i) world.post_greeting("j" + std::to_string(i));
  for (const auto* uuid : {"j0", "j1", "j2", "j3"}) world.claim(uuid);
  Names seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = world.get("/v1/jobs?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor)).json();
    for (auto& uuid : uuids(page)) seen.push_back(uuid);
    if (!page.as_object().contains("next")) break;
    cursor = text(page.at("next"));
  }
  CHECK(seen == Names{"j6", "j5", "j4", "j3", "j2", "j1", "j0"});
}

TEST_CASE("a page of jobs has a cursor only if something follows", "[api]") {
  ApiWorld world;
  const auto ends = [&](const std::string& target, std::size_t jobs) {
    const auto page = world.get(target).json();
    CHECK(uuids(page).size() == jobs);
    return !page.as_object().contains("next");
  };
  for (const auto* uuid : {"j0", "j1", "j2", "j3"}) world.post_greeting(uuid);
  CHECK(ends("/v1/jobs?limit=4", 4));  // all of them stand on the board only
  CHECK_FALSE(ends("/v1/jobs?limit=3", 3));
  world.claim("j0");
  world.claim("j1");
  CHECK(ends("/v1/jobs?limit=4", 4));        // the last one is the store's
  CHECK_FALSE(ends("/v1/jobs?limit=2", 2));  // the board's part ends with the page, the store's follows
  CHECK_FALSE(ends("/v1/jobs?limit=3", 3));
  CHECK(ends("/v1/jobs?state=PENDING&limit=2", 2));  // those of the store are RUNNING
  CHECK(ends("/v1/jobs?state=RUNNING&limit=2", 2));
  CHECK_FALSE(ends("/v1/jobs?state=RUNNING&limit=1", 1));
}

TEST_CASE("jobs are filtered by state, name and flow", "[api]") {
  ApiWorld world;
  world.post_greeting("j1", "alpha");
  world.post_greeting("j2", "beta");
  world.post_greeting("j3", "alphabet");
  world.claim("j3");
  CHECK(uuids(world.get("/v1/jobs?state=RUNNING").json()) == Names{"j3"});
  CHECK(uuids(world.get("/v1/jobs?state=PENDING").json()) == Names{"j2", "j1"});
  CHECK(uuids(world.get("/v1/jobs?name=alpha").json()) == Names{"j1", "j3"});
  CHECK(uuids(world.get("/v1/jobs?flow=greet&limit=2").json()) == Names{"j2", "j1"});
  CHECK(uuids(world.get("/v1/jobs?flow=other").json()).empty());
  CHECK(uuids(world.get("/v1/jobs?state=RUNNING,PENDING").json()) == Names{"j2", "j1", "j3"});
  CHECK(uuids(world.get("/v1/jobs?state=SUCCESS,FAILURE").json()).empty());
  CHECK(uuids(world.get("/v1/jobs?conductor=conductor-1").json()) ==
        Names{"j3"});  // nobody has the others yet
  CHECK(uuids(world.get("/v1/jobs?conductor=c9").json()).empty());
  CHECK(uuids(world.get("/v1/jobs?priority=normal").json()).size() == 3);
  CHECK(uuids(world.get("/v1/jobs?priority=HIGH,LOW").json()).empty());
}

TEST_CASE("jobs are filtered by when they were posted: an instant, a day, or how long ago", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.post_greeting("j2");
  world.claim("j2");
  for (const char* since :
       {"1h", "7d", "2001-01-01", "2001-01-01T00:00:00Z", "2001-01-01T00:00:00.5-01:00"}) {
    CAPTURE(since);
    CHECK(uuids(world.get(std::string("/v1/jobs?since=") + since).json()).size() == 2);
    CHECK(uuids(world.get(std::string("/v1/jobs?until=") + since).json()).empty());
  }
  CHECK(uuids(world.get("/v1/jobs?since=2999-12-31%2023:59:59%2b02:00").json()).empty());
  CHECK(uuids(world.get("/v1/jobs?since=2001-01-01&until=2999-01-01").json()).size() == 2);
  for (const char* wrong : {"yesterday", "2026-13-01", "2026-02-30", "2026-11-26T06:00", "2026-11-26T25:00Z",
                            "-1h", "2026-11-26T06:00:00.Z", "2026-11-26T06:00Zx"}) {
    CAPTURE(wrong);
    const auto refused = world.get(std::string("/v1/jobs?since=") + wrong);
    CHECK(refused.status == 400);
    CHECK_THAT(refused.detail(),
               Catch::Contains("is no instant (2026-11-26T06:00:00Z, 2026-11-26) and not how"));
  }
}

TEST_CASE("what was trashed is listed: jobs, and behind them nodes that stand for none, with the reason",
          "[api]") {
  ApiWorld world;
  for (const auto* uuid : {"j1", "j2"}) world.post_greeting(uuid);
  world.claim("j1");
  world.finish("j1", FlowState::Trashed);
  for (const auto* number : {"7", "8", "9"})
    REQUIRE(world.database
                ->record_unreadable("/taskflow/jobs/job000000000" + std::string(number), "it is not JSON", {})
                .ok());
  const auto all = world.get("/v1/jobs?state=TRASHED").json();
  const auto& jobs = all.at("jobs").as_array();
  REQUIRE(jobs.size() == 4);
  CHECK(text(jobs[0].at("uuid")) == "j1");
  CHECK_FALSE(jobs[1].as_object().contains("uuid"));
  CHECK(text(jobs[1].at("state")) == "TRASHED");
  CHECK(text(jobs[1].at("board_path")) == "/taskflow/jobs/job0000000009");
  CHECK(text(jobs[1].at("failure").at("message")) == "it is not JSON");
  CHECK(text(jobs[3].at("board_path")) == "/taskflow/jobs/job0000000007");
  CHECK_FALSE(all.as_object().contains("next"));
  Names seen;
  std::string cursor = "";
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = world.get("/v1/jobs?state=TRASHED&limit=1" + cursor).json();
    REQUIRE(page.at("jobs").as_array().size() == 1);
    seen.push_back(text(page.at("jobs").as_array()[0].at("board_path")));
    REQUIRE(page.as_object().contains("next") == (pages < 3));
    if (pages < 3) cursor = "&cursor=" + text(page.at("next"));
  }
  CHECK(seen == Names{text(jobs[0].at("board_path")), "/taskflow/jobs/job0000000009",
                      "/taskflow/jobs/job0000000008", "/taskflow/jobs/job0000000007"});
  CHECK(world.get("/v1/jobs?state=TRASHED&name=x").json().at("jobs").as_array().empty());
  CHECK(uuids(world.get("/v1/jobs").json()) == Names{"j2", "j1"});
  CHECK(world.get("/v1/jobs?cursor=t/taskflow/jobs/job0000000007").status == 400);
}

TEST_CASE("wrong parameters are refused in words", "[api]") {
  ApiWorld world;
  const auto refused = [&](const std::string& target) {
    const auto answer = world.get(target);
    CHECK(answer.status == 400);
    return answer.detail();
  };
  CHECK(refused("/v1/jobs?limit=0") == "?limit=0 is no whole number from 1 to 500");
  CHECK(refused("/v1/jobs?limit=x") == "?limit=x is no whole number from 1 to 500");
  CHECK(
      refused("/v1/jobs?stat=RUNNING") ==
      "?stat= is not known here; known: state, name, flow, priority, conductor, since, until, limit, cursor");
  CHECK_THAT(refused("/v1/jobs?priority=HIGH,EXTREME"),
             Catch::StartsWith("?priority=EXTREME is no priority; known: VERY_HIGH HIGH"));
  CHECK_THAT(refused("/v1/jobs?state=DONE"),
             Catch::StartsWith("?state=DONE is no state; known: PENDING RUNNING"));
  CHECK_THAT(refused("/v1/jobs?cursor=zzz"), Catch::StartsWith("?cursor=zzz is no cursor"));
  for (const std::string cursor :
       {"s-", "s-5", "s1x", "s", "s99999999999999999999", "b-", "b18446744073709551615", "x"})
    CHECK(refused("/v1/jobs?cursor=" + cursor) ==
          "?cursor=" + cursor + " is no cursor of a page before: give its 'next' as it is");
  CHECK(refused("/v1/jobs?limit=1&limit=2") == "?limit= is given twice: give it once");
  CHECK(refused("/v1/workers?x=1") == "?x= is not known here; known: none");
}

TEST_CASE("what is no UTF-8 is refused by its place, in an answer that is", "[api]") {
  ApiWorld world;
  const auto refused = [&](const std::string& target) {
    const auto answer = world.get(target);
    CHECK(answer.status == 400);
    CHECK(answer.headers.at("content-type") == "application/problem+json");
    return answer.detail();
  };
  const std::string why = " is no UTF-8 when it is decoded: encode text as UTF-8, then with percents";
  for (const std::string bytes : {"%ff", "%c3%28", "%ed%a0%80", "a%e2%82"}) {
    CAPTURE(bytes);
    CHECK(refused("/v1/jobs?name=" + bytes) == "?name=" + why);
    CHECK(refused("/v1/jobs?state=TRASHED&cursor=t" + bytes) == "?cursor=" + why);
    CHECK(refused("/v1/jobs?" + bytes + "=1") == "a parameter's name" + why);
    CHECK(refused("/v1/jobs/" + bytes) == "the path" + why);
  }
  CHECK(refused("/v1/jobs?name=a%00") == "?name= holds a NUL character");
  CHECK(world.get("/v1/jobs?name=%c3%a4").status == 200);
  // A header's bytes are quoted in the answer, which stays JSON.
  const auto answer = world.ask("GET", "/v1/events", "", {{"Last-Event-ID", "\xff"}});
  CHECK(answer.status == 400);
  CHECK(answer.detail() == "Last-Event-ID '\xEF\xBF\xBD' is no id that this stream has sent");
}

TEST_CASE("the history is told in pages, oldest first", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.run_atom("j1", 0);
  const auto first = world.get("/v1/jobs/j1/history?limit=3").json();
  REQUIRE(first.at("rows").as_array().size() == 3);  // claimed, the flow RUNNING, the atom RUNNING
  const auto& claim = first.at("rows").as_array()[0];
  CHECK_THAT(text(claim.at("what")), Catch::StartsWith("claimed by conductor-1 at epoch 1."));
  CHECK(claim.at("claim").at("conductor") == "conductor-1");
  CHECK(claim.at("claim").at("epoch").at("generation") == 1);
  CHECK_FALSE(claim.as_object().contains("state"));
  CHECK_FALSE(first.at("rows").as_array()[1].as_object().contains("atom"));  // the flow itself
  CHECK(text(first.at("rows").as_array()[2].at("atom")) == "hello");
  CHECK(text(first.at("rows").as_array()[2].at("worker")) == "w1");
  CHECK(text(first.at("rows").as_array()[2].at("what")) == "RUNNING at w1");
  CHECK(text(first.at("rows").as_array()[2].at("at")).size() ==
        std::string("2026-11-23T10:00:00.123456Z").size());
  const auto next = first.at("next").to_number<int>();
  const auto rest = world.get("/v1/jobs/j1/history?after=" + std::to_string(next)).json();
  REQUIRE(rest.at("rows").as_array().size() == 1);
  CHECK(text(rest.at("rows").as_array()[0].at("state")) == "SUCCESS");
  CHECK(rest.at("rows").as_array()[0].at("data").at("result") == "hi");
  CHECK_FALSE(rest.as_object().contains("next"));
}

TEST_CASE("an unclaimed job has an empty history", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  const auto answer = world.get("/v1/jobs/j1/history");
  CHECK(answer.status == 200);
  CHECK(answer.json().at("rows").as_array().empty());
}

TEST_CASE("without the store reads say so, without the board what is recorded is listed", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.session.disconnect();
  const auto listed = world.get("/v1/jobs").json();
  CHECK(uuids(listed) == Names{"j1"});
  CHECK_THAT(text(listed.at("incomplete")),
             Catch::StartsWith("jobs that no conductor has claimed yet are missing: "));
  world.store.set_away(true);
  const auto away = world.get("/v1/jobs/j1");
  CHECK(away.status == 503);
  CHECK(away.problem() == "store-unavailable");
  CHECK(away.headers.at("retry-after") == "1");
}
