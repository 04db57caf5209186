#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::Command;
using baton::test::http_answer;
using File = baton::test::OwnFile;
using baton::test::says;
using baton::test::ToldServer;
using baton::test::Words;
namespace json = boost::json;

namespace {

const std::string kFirst =
    "name: deploy\nparameters:\n  host: {type: string}\n  ports: {type: list, items: integer, default: []}\n"
    "pattern: linear\nnodes:\n  - {task: say, name: hello-$host}\n";
const std::string kSecond = kFirst + "  - {task: say, name: bye-$host}\n";

std::string stored(const std::string& text, int version) {
  const json::value file{{"name", "deploy"},
                         {"version", version},
                         {"digest", "0123456789abcdef"},
                         {"who", "ann@ops"},
                         {"reason", "because"},
                         {"stored_at", "2026-11-26T06:00:00.000000Z"},
                         {"main", "deploy.yaml"},
                         {"files", {{"deploy.yaml", text}}}};
  return http_answer("200 OK", "application/json", json::serialize(file));
}
std::string problem(const std::string& type, const std::string& status = "404 Not Found") {
  return http_answer(status, "application/problem+json",
                     R"({"type": "urn:baton:problem:)" + type + R"(", "title": "no", "status": 404})");
}

/// A conductor that has "deploy" in one version, and no registered flow but "greet".
std::map<std::string, std::string> conductor(const std::string& text = kFirst) {
  return {
      {"GET /v1/flow-files/deploy", stored(text, 2)},
      {"GET /v1/flows/greet",
       http_answer("200 OK", "application/json",
                   R"({"name": "greet", "parameters": [{"name": "who", "type": "string"}]})")},
      {"POST /v1/jobs", http_answer("201 Created", "application/json",
                                    R"({"uuid": "u1", "flow_file": {"name": "deploy", "version": 2}})")},
      {"GET /v1/flows",
       http_answer("200 OK", "application/json",
                   R"({"flows": [{"name": "greet", "module": "m", "version": "1", "description": "says",
                                            "parameters": []}]})")},
      {"GET /v1/flow-files",
       http_answer("200 OK", "application/json",
                   R"({"flow_files": [{"name": "deploy", "version": 2, "who": "ann@ops", "reason": "because",
                                                 "stored_at": "2026-11-26T06:00:00.000000Z"}]})")},
      {"*", problem("no-such-flow-file")}};
}

std::string put_answer(const std::string& status, bool stored, bool same) {
  return http_answer(
      status, "application/json",
      json::serialize(json::value{
          {"name", "deploy"}, {"version", 3}, {"who", "bob@ops"}, {"stored", stored}, {"same", same}}));
}

}  // namespace

TEST_CASE("a put sends the file's texts, who puts it and why") {
  const File file(kFirst);
  const ToldServer server({{"POST /v1/flow-files/deploy", put_answer("201 Created", true, false)}});
  const Command command({"flow", "put", file.path, "--reason", "better", "--who", "ann", "--if-version", "2"},
                        server.address());
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() == "stored deploy@3\n");
  CHECK(json::parse(server.bodies().at(0)) == json::value{{"main", "own.yaml"},
                                                          {"files", {{"own.yaml", kFirst}}},
                                                          {"who", "ann"},
                                                          {"reason", "better"},
                                                          {"if_version", 2}});
}

TEST_CASE("a put says whether anything was stored") {
  const File file(kFirst);
  const ToldServer same({{"*", put_answer("200 OK", false, true)}});
  CHECK(Command({"flow", "put", file.path}, same.address()).out.str() ==
        "deploy@3 is the same, by bob@ops: nothing is stored\n");
  const ToldServer dry({{"*", put_answer("200 OK", false, false)}});
  CHECK(Command({"flow", "put", file.path, "--dry-run"}, dry.address()).out.str() ==
        "would be stored as deploy@3\n");
  CHECK(json::parse(dry.bodies().at(0)).at("dry_run") == true);
  CHECK_FALSE(json::parse(dry.bodies().at(0)).as_object().contains("if_version"));
}

TEST_CASE("a put under another name, and under one that cannot be one") {
  const File file(kFirst);
  const ToldServer server({{"*", put_answer("201 Created", true, false)}});
  Command({"flow", "put", file.path, "--name", "other"}, server.address());
  CHECK(server.requests().at(0) == "POST /v1/flow-files/other");
  const Command wrong({"flow", "put", file.path, "--name", "a@b"}, server.address());
  CHECK(wrong.ended == Ended::Usage);
  CHECK(says(wrong.err.str(), "'a@b' cannot be a flow file's name"));
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a file with mistakes is not sent, and a conductor's refusal is told with lines") {
  const File file("name: f\npattern: linear\nnodes:\n  - {task: a, nmae: b}\n");
  const Command told({"flow", "put", file.path});
  CHECK(told.ended == Ended::Usage);
  CHECK(says(told.err.str(), file.path + ":4:"));
  const File good(kFirst);
  const ToldServer server(
      {{"*",
        http_answer("422 Unprocessable Entity", "application/problem+json",
                    R"({"type": "urn:baton:problem:bad-flow-file", "title": "has mistakes", "status": 422,
                             "errors": [{"detail": "what", "file": "f", "shown": "f:1:2: what\n    x\n    ^"}]})")}});
  const Command refused({"flow", "put", good.path}, server.address());
  CHECK(refused.ended == Ended::Refused);
  CHECK(says(refused.err.str(), "  f:1:2: what\n    x\n    ^\n"));
}

TEST_CASE("a stored flow file is posted by name, its values read by its types") {
  const ToldServer server(conductor());
  const Command newest({"post", "deploy", "--param", "host=a", "--param", "ports=1,2"}, server.address());
  INFO(newest.err.str());
  CHECK(newest.ended == Ended::Success);
  CHECK(newest.out.str() == "posted u1 (deploy@2)\n");
  CHECK(json::parse(server.bodies().at(0)) ==
        json::parse(R"({"flow": "deploy", "parameters": {"host": "a", "ports": [1, 2]}})"));
  Command({"post", "deploy@2", "--param", "host=a"}, server.address());
  CHECK(json::parse(server.bodies().at(1)) ==
        json::parse(R"({"flow_file": {"name": "deploy", "version": 2}, "parameters": {"host": "a"}})"));
  const Command wrong({"post", "deploy", "--param", "hots=a"}, server.address());
  CHECK(wrong.ended == Ended::Usage);
  CHECK(says(wrong.err.str(), "did you mean 'host'?"));
  const Command missing({"post", "nobody@3"}, server.address());
  CHECK(missing.ended == Ended::Refused);
  CHECK(says(missing.err.str(), "no flow file 'nobody@3' is stored"));
  CHECK(server.bodies().size() == 2);
}

TEST_CASE("a registered flow is posted without a look at the stored ones") {
  const ToldServer server(conductor());
  Command({"post", "greet", "--param", "who=a"}, server.address());
  CHECK(server.requests() == Words{"GET /v1/flows/greet", "POST /v1/jobs"});
}

TEST_CASE("registered flows and flow files are one list") {
  const ToldServer server(conductor());
  const auto listed = Command({"flow", "list"}, server.address()).out.str();
  CHECK(says(listed, "deploy  flow file   2        ann@ops  2026-11-26T06:00:00.000Z  because\n"));
  CHECK(says(listed, "greet   registered  1        m "));
  const auto body = json::parse(Command({"flow", "list", "-o", "json"}, server.address()).out.str());
  CHECK(body.at("flows").as_array().size() == 1);
  CHECK(body.at("flow_files").as_array().size() == 1);
}

TEST_CASE("a stored flow file is shown as it was put, and what is known of it beside") {
  const ToldServer server(conductor());
  const Command shown({"flow", "show", "deploy@2"}, server.address());
  CHECK(shown.ended == Ended::Success);
  CHECK(shown.out.str() == kFirst);
  CHECK(says(shown.err.str(), "deploy@2, by ann@ops at 2026-11-26T06:00:00.000Z: because"));
  CHECK(server.requests().at(0) == "GET /v1/flow-files/deploy?version=2");
  CHECK(Command({"flow", "show", "nobody"}, server.address()).ended == Ended::Refused);
}

TEST_CASE("a diff says what changed in the text and in the flow, with 1") {
  const File file(kSecond);
  const ToldServer server(conductor());
  const Command differs({"flow", "diff", "deploy", file.path, "--param", "host=a"}, server.address());
  CHECK(differs.ended == Ended::FlowFailed);
  CHECK(differs.out.str() ==
        "--- deploy@2\n+++ " + file.path +
            "\n@@ -5,3 +5,4 @@\n pattern: linear\n nodes:\n   - {task: say, name: hello-$host}\n"
            "+  - {task: say, name: bye-$host}\n\nIn the flow:\n  + task bye-a (say)\n");
  const Command asks({"flow", "diff", "deploy", file.path}, server.address());
  CHECK(asks.ended == Ended::FlowFailed);
  CHECK(says(asks.out.str(), "depends on its parameters; give --param host=…"));
  const Command program({"flow", "diff", "deploy", file.path, "--param", "host=a", "-o", "json"},
                        server.address());
  CHECK(program.ended == Ended::FlowFailed);
  CHECK(json::parse(program.out.str()).at("changes") ==
        json::parse(R"([{"change": "added", "what": "task", "name": "bye-a", "type": "say"}])"));
  CHECK(Command({"flow", "diff", "deploy", file.path, "--param", "x=1"}, server.address()).ended ==
        Ended::Usage);
}

TEST_CASE("a diff of what is the same says nothing, with 0") {
  const File file(kFirst);
  const ToldServer server(conductor());
  const Command same({"flow", "diff", "deploy", file.path}, server.address());
  CHECK(same.ended == Ended::Success);
  CHECK(same.out.str().empty());
}

TEST_CASE("a stored flow file is looked at wherever a file is") {
  const ToldServer server(conductor());
  CHECK(Command({"flow", "validate", "deploy", "--param", "host=a"}, server.address()).out.str() ==
        "deploy@2: deploy is good: 1 task\n");
  CHECK(says(Command({"flow", "graph", "deploy@2", "--param", "host=a"}, server.address()).out.str(),
             "hello-a"));
  CHECK(
      says(Command({"flow", "plan", "deploy", "--param", "host=a"}, server.address()).out.str(), "hello-a"));
  const Command neither({"flow", "validate", "nobody"}, server.address());
  CHECK(neither.ended == Ended::Usage);
  CHECK(says(neither.err.str(), "there is no file 'nobody', and no flow file 'nobody' is stored"));
  CHECK(Command({"flow", "validate", "nobody@1"}, server.address()).ended == Ended::Refused);
  const Command alone({"flow", "validate", "nobody"});
  CHECK(alone.ended == Ended::Unreachable);
  CHECK(says(alone.err.str(), "there is no file 'nobody'"));
}
