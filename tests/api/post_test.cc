#include <catch2/catch.hpp>

#include "conductor/api/job_posts.h"
#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr const char* kGreetWorld = R"({"flow": "greet", "parameters": {"who": "world"}})";

std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

}  // namespace

TEST_CASE("a registered flow is posted to the board as a Python poster would", "[api]") {
  ApiWorld world;
  const auto answer = world.post(
      R"({"flow": "greet", "parameters": {"who": "world"}, "store": {"a": [1]}, "name": "g1", "priority": "high"})");
  REQUIRE(answer.status == 201);
  const auto jobs = world.board_jobs();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].posting.name == "g1");
  CHECK(jobs[0].posting.priority == Priority::High);
  CHECK(jobs[0].posting.details.tree() ==
        Value::parse(
            R"({"factory": {"name": "greet", "args": [], "kwargs": {"who": "world"}}, "store": {"a": [1]}})")
            ->tree());
  CHECK(text(answer.json().at("uuid")) == jobs[0].posting.uuid.value);
  CHECK(text(answer.json().at("board_path")) == jobs[0].path);
  CHECK(answer.headers.at("location") == "/v1/jobs/" + jobs[0].posting.uuid.value);
}

TEST_CASE("a job without a name has its flow's", "[api]") {
  ApiWorld world;
  CHECK(text(world.post(kGreetWorld).json().at("name")) == "greet");
}

TEST_CASE("an inline flow is compiled before it is posted", "[api]") {
  ApiWorld world;
  const auto answer = world.post(
      R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a", "requires": ["x"]}]},
          "store": {"x": 1}})");
  CHECK(answer.status == 201);
  REQUIRE(world.board_jobs().size() == 1);
  CHECK(world.board_jobs()[0].posting.details.tree().as_object().contains("flow"));
}

TEST_CASE("a flow that does not compile is told to the poster and nothing is posted", "[api]") {
  ApiWorld world;
  const auto answer = world.post(
      R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a", "requires": ["x"]}]}})");
  CHECK(answer.status == 422);
  CHECK(answer.problem() == "bad-flow");
  CHECK(answer.headers.at("content-type") == "application/problem+json");
  CHECK_THAT(answer.detail(), Catch::Contains("'a'") && Catch::Contains("'x'"));
  CHECK(text(answer.json().at("errors").as_array()[0].at("pointer")) == "/flow");
  CHECK(world.board_jobs().empty());
}

TEST_CASE("parameters that the factory refuses are told to the poster", "[api]") {
  ApiWorld world;
  const auto answer = world.post(R"({"flow": "greet", "parameters": {"whom": "world"}})");
  CHECK(answer.status == 422);
  CHECK(answer.problem() == "bad-parameters");
  CHECK(answer.detail() == "flow 'greet' has no parameter 'whom'; it takes: who (string)");
  CHECK(world.board_jobs().empty());
}

TEST_CASE("missing symbols of a known flow are found before it is posted", "[api]") {
  ApiWorld world;
  const auto answer = world.post(R"({"flow": "greet"})");
  CHECK(answer.status == 422);
  CHECK(answer.problem() == "bad-flow");
  CHECK_THAT(answer.detail(), Catch::Contains("'who'"));
}

TEST_CASE("a flow that is not known here is posted with a warning", "[api]") {
  ApiWorld world;
  const auto answer = world.post(R"({"flow": "elsewhere"})");
  CHECK(answer.status == 201);
  CHECK(text(answer.json().at("warning")) ==
        "no flow 'elsewhere' here; known: greet; the job waits on the board until a conductor comes that can "
        "build it");
}

TEST_CASE("every wrong member of a body is named", "[api]") {
  ApiWorld world;
  const auto answer = world.post(
      R"({"flow": 7, "store": [], "priority": "urgent", "name": "", "flow_file": {}, "colour": "red"})");
  CHECK(answer.status == 422);
  std::map<std::string, std::string> errors;
  const auto problem = answer.json();
  for (const auto& error : problem.at("errors").as_array())
    errors[text(error.at("pointer"))] = text(error.at("detail"));
  CHECK(errors.at("/flow") == "'flow' and 'flow_file' are given: give one of them");
  CHECK(errors.at("/store") == "'store' is a list; wanted: an object");
  CHECK(errors.at("/priority") ==
        "priority \"urgent\" is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH");
  CHECK(errors.at("/name") == "'name' is a string of 0 bytes; wanted: a string of 1 to 255 bytes");
  CHECK(errors.at("/flow_file/name") ==
        "'name' is missing or no string: GET /v1/flow-files lists those that are stored");
  CHECK(errors.at("/colour") ==
        "member 'colour' is not known; known: name, flow, flow_file, parameters, store, priority, uuid, "
        "reason");
  CHECK_THAT(answer.detail(), Catch::EndsWith("(and 5 more, see errors)"));
  CHECK(world.board_jobs().empty());
}

TEST_CASE("of very many mistakes in a body a hundred are told, and how many more there are", "[api]") {
  ApiWorld world;
  std::string body = R"({"name": "n")";
  for (int i = 0; i < 150; ++i) body += R"(, "unknown-)" + std::to_string(i) + R"(": 1)";
  const auto answer = world.post(body + "}");
  CHECK(answer.status == 422);
  const auto problem = answer.json();
  CHECK(problem.at("errors").as_array().size() == 100);
  CHECK(problem.at("more_errors").as_int64() == 51);
}

TEST_CASE("a body that cannot be kept is refused with the place", "[api]") {
  ApiWorld world;
  const auto refused = [&](const std::string& body) {
    const auto answer = world.post(body);
    CHECK(answer.status == 400);
    CHECK(answer.problem() == "bad-request");
    return answer.detail();
  };
  CHECK_THAT(refused("{\"flow\": "), Catch::StartsWith("the body cannot be kept, at byte 8: "));
  CHECK(refused(R"({"flow": "greet", "store": {"x": "\u0000"}})") ==
        "the body cannot be kept, at byte 40: a string holds the character U+0000, which Postgres cannot "
        "store");
  CHECK(refused(R"({"flow": "greet", "store": {"x": 1e999}})") ==
        "the body cannot be kept, at byte 38: a number is too large for a double");
  CHECK_THAT(
      refused(R"({"flow": "greet", "store": )" + std::string(1000, '[') + std::string(1000, ']') + "}"),
      Catch::Contains("256"));
  CHECK(refused(R"({"flow": "greet", "flow": "greet"})") ==
        "the body cannot be kept, at byte 23: an object has the same key twice");
  CHECK(refused("[1]") == "the body is a list; wanted: an object, see docs/api.md");
  CHECK(world.board_jobs().empty());
}

TEST_CASE("a body as deep as allowed does not become a posting that is too deep", "[api]") {
  ApiWorld world;
  const std::string deep = std::string(254, '[') + std::string(254, ']');
  const auto answer = world.post(R"({"flow": "elsewhere", "parameters": {"x": )" + deep + "}}");
  CHECK(answer.status == 400);
  CHECK_THAT(answer.detail(), Catch::Contains("256"));
}

TEST_CASE("the same key with the same body is the same job", "[api]") {
  ApiWorld world;
  const auto first = world.post(kGreetWorld, {{"Idempotency-Key", "k1"}});
  const auto second = world.post(kGreetWorld, {{"Idempotency-Key", "k1"}});
  CHECK(first.status == 201);
  CHECK(second.status == 200);
  CHECK(first.json().at("uuid") == second.json().at("uuid"));
  CHECK(text(first.json().at("uuid")) == api::uuid_of_key("k1"));
  CHECK(world.board_jobs().size() == 1);
}

TEST_CASE("the same key with another body is a conflict", "[api]") {
  ApiWorld world;
  world.post(kGreetWorld, {{"Idempotency-Key", "k1"}});
  const auto other =
      world.post(R"({"flow": "greet", "parameters": {"who": "moon"}})", {{"Idempotency-Key", "k1"}});
  CHECK(other.status == 409);
  CHECK(other.problem() == "other-content");
  CHECK_THAT(other.detail(), Catch::EndsWith("use a new key for a new job"));
  CHECK(world.board_jobs().size() == 1);
}

TEST_CASE("a key still stands for its job when the job has left the board", "[api]") {
  ApiWorld world;
  const auto uuid = text(world.post(kGreetWorld, {{"Idempotency-Key", "k1"}}).json().at("uuid"));
  world.claim(uuid);
  world.finish(uuid);
  REQUIRE(world.ensemble.remove(world.board_jobs().at(0).path));
  const auto again = world.post(kGreetWorld, {{"Idempotency-Key", "k1"}});
  CHECK(again.status == 200);
  CHECK(text(again.json().at("uuid")) == uuid);
  CHECK(world.board_jobs().empty());
}

TEST_CASE("two posts of one key at the same time make one job", "[api]") {
  ApiWorld world;
  auto one = world.peer(), two = world.peer();
  const auto request = http_request("POST", "/v1/jobs", kGreetWorld, {{"Idempotency-Key", "k1"}});
  one.say(request);
  two.say(request);
  REQUIRE(one.wait_closed());
  REQUIRE(two.wait_closed());
  CHECK(one.answer().status + two.answer().status == 401);  // 201 and 200
  CHECK(world.board_jobs().size() == 1);
}

TEST_CASE("the key's uuid never changes: other conductors and versions must find the job", "[api]") {
  CHECK(api::uuid_of_key("k1") == "7f4683fc-94a0-55a6-b31a-d71d580ffb37");
  CHECK(api::uuid_of_key("k2") != api::uuid_of_key("k1"));
}

TEST_CASE("a uuid of the poster's is kept, any string, and posting it again is harmless", "[api]") {
  ApiWorld world;
  const std::string body = R"({"flow": "greet", "parameters": {"who": "w"}, "uuid": "my job/1\r\n"})";
  const auto first = world.post(body);
  CHECK(first.status == 201);
  CHECK(first.headers.at("location") == "/v1/jobs/my%20job%2F1%0D%0A");
  CHECK(world.post(body).status == 200);
  CHECK(world.board_jobs().size() == 1);
  CHECK(world.get(first.headers.at("location")).status == 200);
}

TEST_CASE("uuid and key together are refused", "[api]") {
  ApiWorld world;
  const auto answer =
      world.post(R"({"flow": "greet", "parameters": {"who": "w"}, "uuid": "u"})", {{"Idempotency-Key", "k"}});
  CHECK(answer.status == 400);
  CHECK_THAT(answer.detail(), Catch::EndsWith("give one"));
}

TEST_CASE("without a board nothing is posted, and the answer says what to do", "[api]") {
  ApiWorld world;
  world.session.disconnect();
  const auto answer = world.post(kGreetWorld);
  CHECK(answer.status == 503);
  CHECK(answer.problem() == "board-unavailable");
  CHECK(answer.headers.at("retry-after") == "1");
  CHECK_THAT(answer.detail(), Catch::EndsWith("with an Idempotency-Key a job is never posted twice"));
}

TEST_CASE("a body is JSON: without a type it is taken for it, a web form's is refused with what to send",
          "[api]") {
  ApiWorld world;
  const auto posted = [&](const std::map<std::string, std::string>& headers) {
    return world.post(kGreetWorld, headers);
  };
  CHECK(posted({{"Content-Type", ""}}).status == 201);
  CHECK(posted({{"Content-Type", "application/json; charset=utf-8"}}).status == 201);
  CHECK(posted({{"Content-Type", "Application/JSON"}, {"Origin", "http://127.0.0.1:27080"}}).status == 201);
  const auto form = posted({{"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(form.status == 415);
  CHECK(form.problem() == "wrong-content-type");
  CHECK(form.detail() ==
        "the Content-Type is 'application/x-www-form-urlencoded'; send JSON and say so: Content-Type: "
        "application/json (curl -d alone sends a web form's type: add -H 'Content-Type: application/json', "
        "or use --json)");
  const auto page =
      posted({{"Content-Type", ""}, {"Origin", "https://evil.example"}});  // fetch() of a Blob sends no type
  CHECK(page.status == 415);
  CHECK_THAT(page.detail(), Catch::StartsWith("there is no Content-Type; send JSON and say so"));
  CHECK(world.board_jobs().size() == 3);
}

TEST_CASE("what a web page could send across is not served", "[api]") {
  ApiWorld world;
  const auto plain = world.post(kGreetWorld, {{"Content-Type", "text/plain"}});
  CHECK(plain.status == 415);
  CHECK_THAT(plain.detail(), Catch::StartsWith("the Content-Type is 'text/plain'; send JSON and say so"));
  const auto rebound = world.ask("GET", "/v1/jobs", "", {{"Host", "evil.example:27080"}});
  CHECK(rebound.status == 421);
  CHECK_THAT(rebound.detail(), Catch::Contains("'evil.example:27080'"));
  for (const auto* host : {"localhost", "localhost:27080", "127.0.0.1:27080", "[::1]:27080"})
    CHECK(world.ask("GET", "/v1/jobs", "", {{"Host", host}}).status == 200);
  CHECK(world.board_jobs().empty());
}

TEST_CASE("why a job was posted is kept with it and begins its history", "[api]") {
  ApiWorld world;
  const std::string body = R"({"flow": "greet", "parameters": {"who": "w"}, "uuid": "j1", "reason": ")";
  REQUIRE(world.post(body + "order 4711\"}").status == 201);
  const auto posted = [&] { return world.get("/v1/jobs/j1/history").json().at("posted").as_object(); };
  CHECK(text(posted().at("reason")) == "order 4711");
  CHECK(text(world.get("/v1/jobs/j1").json().at("details").at("reason")) == "order 4711");
  CHECK(world.post(body + "asked again\"}").status == 200);  // it is the same job
  world.claim("j1");
  CHECK(text(posted().at("reason")) == "order 4711");
  const auto rows = world.get("/v1/jobs/j1/history").json();
  const auto last = rows.at("rows").as_array().back().at("id").to_number<std::int64_t>();
  CHECK_FALSE(
      world.get("/v1/jobs/j1/history?after=" + std::to_string(last)).json().as_object().contains("posted"));
  CHECK(world.post(R"({"flow": "greet", "parameters": {"who": "w"}, "reason": ""})").problem() == "bad-job");
  world.post_greeting("j2");
  CHECK_FALSE(world.get("/v1/jobs/j2/history").json().at("posted").as_object().contains("reason"));
}

TEST_CASE("a dry run of a posting finds what the posting would, and posts nothing", "[api]") {
  ApiWorld world;
  const auto dry = [&](const std::string& body) { return world.ask("POST", "/v1/jobs?dry_run=true", body); };
  const auto fits = dry(kGreetWorld);
  CHECK(fits.status == 200);
  CHECK(fits.json().at("dry_run").as_bool());
  CHECK_FALSE(fits.json().at("posted").as_bool());
  CHECK(text(fits.json().at("name")) == "greet");
  CHECK_FALSE(fits.json().as_object().contains("uuid"));
  CHECK(dry(R"({"flow": "greet"})").problem() == "bad-flow");
  CHECK(dry(R"({"flow": "greet", "parameters": {"whom": "w"}})").problem() == "bad-parameters");
  CHECK_THAT(text(dry(R"({"flow": "nobody"})").json().at("warning")), Catch::Contains("nobody"));
  constexpr const char* kNamed = R"({"flow": "greet", "parameters": {"who": "w"}, "uuid": "j1"})";
  CHECK(text(dry(kNamed).json().at("uuid")) == "j1");
  CHECK(world.board_jobs().empty());
  REQUIRE(world.post(kNamed).status == 201);
  CHECK_FALSE(dry(kNamed).json().as_object().contains("dry_run"));  // it is there, as a posting would say
  CHECK(dry(R"({"flow": "greet", "parameters": {"who": "x"}, "uuid": "j1"})").problem() == "other-content");
  CHECK(world.board_jobs().size() == 1);
}
