#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

namespace json = boost::json;

constexpr const char* kGreeting =
    "name: greeting\n"
    "description: Says hello.\n"
    "parameters:\n"
    "  who: {type: string, description: whom to greet}\n"
    "  loud: {type: boolean, default: false}\n"
    "pattern: linear\n"
    "nodes:\n"
    "  - {task: say, name: hello-$who, inject: {who: $who}}\n";
constexpr const char* kIncluding = "name: greeting\npattern: linear\nnodes:\n  - {include: parts/bye.yaml}\n";
constexpr const char* kPart = "name: part\npattern: linear\nnodes:\n  - {task: say, name: bye}\n";

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

struct FlowFileWorld : ApiWorld {
  using ApiWorld::ApiWorld;

  static json::object body_of(const std::string& content, json::object more = {}) {
    more["main"] = "greeting.yaml";
    json::object files{{"greeting.yaml", content}};
    if (more.contains("part")) files["parts/bye.yaml"] = more.at("part"), more.erase("part");
    more["files"] = std::move(files);
    if (!more.contains("who")) more["who"] = "ann@ops";
    return more;
  }
  HttpAnswer put(const std::string& content, const json::object& more = {},
                 const std::string& name = "greeting") {
    return ask("POST", "/v1/flow-files/" + name, json::serialize(body_of(content, more)));
  }
  std::uint64_t version(const HttpAnswer& answer) {
    return answer.json().at("version").to_number<std::uint64_t>();
  }
  json::object only_details() {
    const auto jobs = board_jobs();
    REQUIRE(jobs.size() == 1);
    return jobs[0].posting.details.tree().as_object();
  }
  std::map<std::string, std::string> errors(const HttpAnswer& answer) {
    std::map<std::string, std::string> all;
    const auto problem = answer.json();
    for (const auto& error : problem.at("errors").as_array()) {
      const auto* pointer = error.as_object().if_contains("pointer");
      all[pointer ? text(*pointer) : ""] = text(error.at("detail"));
    }
    return all;
  }
};

std::string with_task(const std::string& task) {
  return std::string(kGreeting) + "  - {task: say, name: " + task + "}\n";
}

}  // namespace

TEST_CASE("a flow file is stored as the next version, and the same content again is the same one", "[api]") {
  FlowFileWorld world;
  const auto first = world.put(kGreeting, {{"reason", "the first one"}});
  REQUIRE(first.status == 201);
  CHECK(world.version(first) == 1);
  CHECK(first.json().at("stored") == true);
  CHECK(text(first.json().at("digest")).size() == 64);
  CHECK(first.headers.at("location") == "/v1/flow-files/greeting");
  const auto again = world.put(kGreeting, {{"who", "bob@ops"}});
  CHECK(again.status == 200);
  CHECK(world.version(again) == 1);
  CHECK(again.json().at("same") == true);
  CHECK(text(again.json().at("who")) == "ann@ops");
  CHECK(world.version(world.put(with_task("bye"))) == 2);
  const auto versions = world.get("/v1/flow-files/greeting/versions").json();
  REQUIRE(versions.at("versions").as_array().size() == 2);
  CHECK(versions.at("versions").at(0).at("version") == 2);
  CHECK(text(versions.at("versions").at(1).at("reason")) == "the first one");
  CHECK_FALSE(versions.as_object().contains("next"));
}

TEST_CASE("a flow file is shown with what it takes, with all that it includes, in any of its versions",
          "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  REQUIRE(world.put(kIncluding, {{"part", kPart}}).status == 201);
  const auto first = world.get("/v1/flow-files/greeting?version=1").json();
  CHECK(text(first.at("files").at("greeting.yaml")) == kGreeting);
  CHECK(text(first.at("description")) == "Says hello.");
  CHECK(first.at("parameters") ==
        json::parse(R"([{"name": "who", "type": "string", "required": true, "description": "whom to greet"},
                        {"name": "loud", "type": "boolean", "required": false, "default": false,
                         "description": ""}])"));
  const auto newest = world.get("/v1/flow-files/greeting").json();
  CHECK(newest.at("version") == 2);
  CHECK(text(newest.at("main")) == "greeting.yaml");
  CHECK(text(newest.at("files").at("parts/bye.yaml")) == kPart);
  CHECK(world.get("/v1/flow-files/greeting?version=3").problem() == "no-such-flow-file");
  CHECK(world.get("/v1/flow-files/greeting?version=0").status == 400);
  CHECK(world.get("/v1/flow-files/other").status == 404);
  CHECK(world.get("/v1/flow-files/other/versions").problem() == "no-such-flow-file");
}

TEST_CASE("lists of flow files and of their versions go on where they ended", "[api]") {
  FlowFileWorld world;
  for (const char* name : {"c", "a", "b"}) REQUIRE(world.put(kGreeting, {}, name).status == 201);
  const auto page = world.get("/v1/flow-files?limit=2").json();
  CHECK(text(page.at("flow_files").at(1).at("name")) == "b");
  CHECK(text(page.at("next")) == "b");
  const auto rest = world.get("/v1/flow-files?limit=2&after=b").json();
  REQUIRE(rest.at("flow_files").as_array().size() == 1);
  CHECK(text(rest.at("flow_files").at(0).at("name")) == "c");
  CHECK_FALSE(rest.as_object().contains("next"));
  world.put(with_task("bye"), {}, "a");
  const auto newest = world.get("/v1/flow-files/a/versions?limit=1").json();
  CHECK(newest.at("next") == 2);
  CHECK(world.get("/v1/flow-files/a/versions?before=2").json().at("versions").at(0).at("version") == 1);
}

TEST_CASE("all mistakes of a flow file are told with their places, and nothing is stored", "[api]") {
  FlowFileWorld world;
  const auto answer = world.put(
      "name: f\npattern: liner\nnodes:\n  - {task: say, name: a, proviedes: x}\n  - {include: gone.yaml}\n");
  CHECK(answer.status == 422);
  CHECK(answer.problem() == "bad-flow-file");
  const auto problem = answer.json();
  const auto& mistakes = problem.at("errors").as_array();
  REQUIRE(mistakes.size() == 3);
  CHECK(text(mistakes[0].at("file")) == "greeting.yaml");
  CHECK(mistakes[0].at("line") == 2);
  CHECK(mistakes[0].at("column") == 10);
  CHECK_THAT(text(mistakes[1].at("hint")), Catch::Contains("provides"));
  CHECK_THAT(text(mistakes[1].at("shown")), Catch::Contains("greeting.yaml:4:") && Catch::Contains("^"));
  CHECK_THAT(text(mistakes[2].at("detail")),
             Catch::Contains("cannot read 'gone.yaml'") && Catch::Contains("greeting.yaml"));
  CHECK(world.get("/v1/flow-files").json().at("flow_files").as_array().empty());
}

TEST_CASE("a body that says nothing clear is refused with all that is wrong", "[api]") {
  FlowFileWorld world;
  const auto errors = world.errors(world.ask(
      "POST", "/v1/flow-files/a",
      R"({"main": "x/y.yaml", "files": {}, "who": "", "reason": 7, "if_version": -1, "dry_run": 1, "colour": 2})"));
  CHECK(errors.at("/who") == "'who' has 0 bytes; wanted: a string of 1 to 255 bytes");
  CHECK_THAT(errors.at("/reason"), Catch::Contains("is no string"));
  CHECK_THAT(errors.at("/if_version"), Catch::Contains("0: only if there is none yet"));
  CHECK(errors.at("/dry_run") == "'dry_run' is no boolean");
  CHECK_THAT(errors.at("/colour"), Catch::Contains("known: main, files, who, reason, if_version, dry_run"));
  CHECK_THAT(errors.at("/main"), Catch::Contains("no name of a file without a folder"));
  for (const char* name : {"a%40b", "a.yaml", "a%2Fb", "-a", "a%20b"})
    CHECK(world.errors(world.put(kGreeting, {}, name)).contains(""));
  CHECK(world.put(kGreeting, {{"part", kPart}}).problem() == "bad-flow-file");
  CHECK_THAT(world.put(kGreeting, {{"part", kPart}}).detail(),
             Catch::Contains("'parts/bye.yaml' is included by nobody"));
  CHECK(world.get("/v1/flow-files").json().at("flow_files").as_array().empty());
}

TEST_CASE("a dry run says what a put would do, and stores nothing", "[api]") {
  FlowFileWorld world;
  const json::object dry{{"dry_run", true}};
  const auto first = world.put(kGreeting, dry);
  CHECK(first.status == 200);
  CHECK(first.json().at("stored") == false);
  CHECK(first.json().at("dry_run") == true);
  CHECK(world.version(first) == 1);
  CHECK(world.get("/v1/flow-files/greeting").status == 404);
  world.put(kGreeting);
  CHECK(world.put(kGreeting, dry).json().at("same") == true);
  const auto next = world.put(with_task("bye"), dry);
  CHECK(world.version(next) == 2);
  CHECK(next.json().at("same") == false);
  CHECK(world.put(with_task("bye"), {{"dry_run", true}, {"if_version", 0}}).problem() == "other-version");
  CHECK(world.put("name: [", dry).problem() == "bad-flow-file");
  CHECK(world.version(world.get("/v1/flow-files/greeting")) == 1);
}

TEST_CASE("where as many names are stored as can be another one is refused, in a dry run too", "[api]") {
  FlowFileWorld world;
  for (std::uint32_t i = 1; i <= kFlowFileNamesMax; ++i)
    REQUIRE(
        world.database->put_flow_file({"name-" + std::to_string(i), "", "d", "", "", {}}, world.loop.wall())
            .ok());
  for (const bool dry : {true, false}) {
    const auto refused = world.put(kGreeting, {{"dry_run", dry}});
    CHECK(refused.status == 409);
    CHECK(refused.problem() == "too-many-names");
    CHECK(world.put(kGreeting, {{"dry_run", dry}, {"if_version", 2}}).problem() == "other-version");
    CHECK(world.put(kGreeting, {{"dry_run", dry}}, "name-1").status == (dry ? 200 : 201));
  }
}

TEST_CASE("a put that is not for the newest version is refused, and says whose that is", "[api]") {
  FlowFileWorld world;
  CHECK(world.put(kGreeting, {{"if_version", 1}}).problem() == "other-version");
  REQUIRE(world.put(kGreeting, {{"if_version", 0}}).status == 201);
  const auto stale = world.put(with_task("bye"), {{"if_version", 0}, {"who", "bob@ops"}});
  CHECK(stale.status == 409);
  CHECK_THAT(stale.detail(), Catch::Contains("'greeting' version 1, by ann@ops at 2") &&
                                 Catch::Contains("nothing was stored"));
  CHECK(world.put(with_task("bye"), {{"if_version", 1}}).status == 201);
}

TEST_CASE("a registered flow's name is not given to a flow file", "[api]") {
  FlowFileWorld world;
  const auto answer = world.put(kGreeting, {}, "greet");
  CHECK(answer.status == 409);
  CHECK(answer.problem() == "name-taken");
  CHECK_THAT(answer.detail(), Catch::Contains("module greetings 1.2"));
}

TEST_CASE("a flow file that is larger than the store takes is refused", "[api]") {
  FlowFileWorld world;
  const auto answer = world.put(std::string(kGreeting) + "# " + std::string(kFlowFileBytesMax, 'x'));
  CHECK(answer.status == 413);
  CHECK(answer.problem() == "flow-file-too-large");
}

TEST_CASE("what would hold up a conductor is refused: files that make too much of themselves", "[api]") {
  FlowFileWorld world;
  std::string items = "[0";
  for (int i = 1; i < 200; ++i) items += ", " + std::to_string(i);
  const auto answer = world.put(
      "name: f\npattern: unordered\nnodes:\n  - for_each: {i: " + items +
      "]}\n    flow:\n      name: f-$i\n      pattern: unordered\n      nodes:\n        - for_each: {k: " +
      items + "]}\n          task: say\n          name: a-$i-$k\n");
  CHECK(answer.status == 422);
  CHECK_THAT(answer.detail(), Catch::Contains("more than 20000 tasks and flows"));
}

TEST_CASE("aliases that make too much of a file are refused while it is read", "[api]") {
  FlowFileWorld world;
  std::string items = "[0";
  for (int i = 1; i < 1000; ++i) items += ", 0";
  std::string aliases = "*list";
  for (int i = 1; i < 300; ++i) aliases += ", *list";
  const auto answer =
      world.put("name: f\npattern: linear\nnodes:\n  - {task: say, name: a, inject: {x: &list " + items +
                "], y: [" + aliases + "]}}\n");
  CHECK(answer.status == 422);
  CHECK_THAT(answer.detail(), Catch::Contains("aliases written out"));
}

TEST_CASE("a put whose answer is lost may be asked again", "[api]") {
  FlowFileWorld world;
  world.store.lose_next_reply(memory::MemoryFlowStore::LostReply::Applied);
  const auto lost = world.put(kGreeting);
  CHECK(lost.status == 503);
  CHECK(lost.problem() == "put-unknown");
  const auto again = world.put(kGreeting);
  CHECK(again.status == 200);
  CHECK(world.version(again) == 1);
  world.store.set_away(true);
  CHECK(world.put(with_task("bye")).problem() == "store-unavailable");
  CHECK(world.get("/v1/flow-files").problem() == "store-unavailable");
}

TEST_CASE("a job posted by a flow file's name carries its flow, written out, and which version that was",
          "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  const auto answer =
      world.post(R"({"flow": "greeting", "parameters": {"who": "world"}, "store": {"a": 1.0}})");
  REQUIRE(answer.status == 201);
  CHECK(answer.json().at("flow_file") == json::parse(R"({"name": "greeting", "version": 1})"));
  CHECK(text(answer.json().at("name")) == "greeting");
  CHECK_FALSE(answer.json().as_object().contains("warning"));
  const auto details = world.only_details();
  CHECK(details.at("flow_file") ==
        json::parse(R"({"name": "greeting", "version": 1, "parameters": {"who": "world"}})"));
  CHECK(text(details.at("flow").at("nodes").at(0).at("name")) == "hello-world");
  CHECK(details.at("store") == json::parse(R"({"a": 1.0})"));
  const auto listed = world.get("/v1/jobs?flow=greeting").json();
  REQUIRE(listed.at("jobs").as_array().size() == 1);
  CHECK(text(listed.at("jobs").at(0).at("flow")) == "greeting");
  CHECK(listed.at("jobs").at(0).at("flow_version") == 1);
}

TEST_CASE("a job is posted with the newest version, or the one that is asked for", "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  world.put(with_task("bye"));
  const auto posted = [&](const std::string& flow) {
    const auto answer = world.post("{" + flow + R"(, "parameters": {"who": "world"}})");
    REQUIRE(answer.status == 201);
    return answer.json().at("flow_file").at("version").to_number<int>();
  };
  CHECK(posted(R"("flow": "greeting")") == 2);
  CHECK(posted(R"("flow": "greeting@1")") == 1);
  CHECK(posted(R"("flow_file": {"name": "greeting"})") == 2);
  CHECK(posted(R"("flow_file": {"name": "greeting", "version": 1})") == 1);
  const auto refused = [&](const std::string& flow) { return world.post("{" + flow + "}").problem(); };
  CHECK(refused(R"("flow_file": {"name": "greeting", "version": 3})") == "no-such-flow-file");
  CHECK(refused(R"("flow_file": {"name": "other"})") == "no-such-flow-file");
  CHECK(refused(R"("flow": "greeting@3")") == "no-such-flow-file");
  CHECK(refused(R"("flow": "other@1")") == "no-such-flow-file");
  CHECK(refused(R"("flow_file": {"name": "greeting", "version": "1"})") == "bad-job");
  CHECK(refused(R"("flow_file": {"name": "greeting", "colour": 1})") == "bad-job");
  CHECK(refused(R"("flow_file": "greeting")") == "bad-job");
}

TEST_CASE("parameters that a flow file refuses are told to the poster", "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  const auto answer = world.post(R"({"flow": "greeting", "parameters": {"whom": "world", "loud": 7}})");
  CHECK(answer.status == 422);
  CHECK(answer.problem() == "bad-flow-file");
  CHECK_THAT(text(answer.json().at("title")), Catch::Contains("greeting@1"));
  std::string all;
  const auto problem = answer.json();
  for (const auto& error : problem.at("errors").as_array()) all += text(error.at("detail")) + "\n";
  CHECK_THAT(all, Catch::Contains("no parameter 'whom'") && Catch::Contains("'loud' is 7") &&
                      Catch::Contains("'who' is missing"));
  CHECK(world.board_jobs().empty());
}

TEST_CASE("a post with a key is asked again after a later version was stored: it is the job that is there",
          "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  const std::map<std::string, std::string> key{{"Idempotency-Key", "order-1"}};
  const std::string body = R"({"flow": "greeting", "parameters": {"who": "world"}})";
  const auto first = world.post(body, key);
  REQUIRE(first.status == 201);
  REQUIRE(world.put(kIncluding, {{"part", kPart}}).status == 201);  // takes no parameter
  const auto again = world.post(body, key);
  CHECK(again.status == 200);
  CHECK(again.json().at("uuid") == first.json().at("uuid"));
  CHECK(again.json().at("flow_file").at("version") == 1);
  const std::string asked = R"({"flow_file": {"name": "greeting", "version": )";
  CHECK(world.post(asked + R"(1}, "parameters": {"who": "world"}})", key).status == 200);
  CHECK(world.post(asked + R"(2}, "parameters": {"who": "world"}})", key).problem() == "other-content");
  CHECK(world.post(R"({"flow": "greeting", "parameters": {"who": "moon"}})", key).problem() ==
        "other-content");
  world.claim(text(first.json().at("uuid")));
  CHECK(world.post(body, key).status == 200);
  CHECK(world.only_details().at("flow_file").at("version") == 1);
}

TEST_CASE("while the store is away a registered flow is posted, and a flow file is not", "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  world.store.set_away(true);
  CHECK(world.post(R"({"flow": "greet", "parameters": {"who": "world"}})").status == 201);
  CHECK(world.post(R"({"flow": "greeting", "parameters": {"who": "world"}})").problem() ==
        "store-unavailable");
}

TEST_CASE("a name that is neither registered nor stored is posted with a warning", "[api]") {
  FlowFileWorld world;
  world.put(kGreeting);
  const auto answer = world.post(R"({"flow": "elsewhere", "parameters": {"a": 1}})");
  CHECK(answer.status == 201);
  CHECK_THAT(text(answer.json().at("warning")), Catch::Contains("waits on the board"));
  CHECK(world.only_details().contains("factory"));
}
