#include "client/command/terminal_text.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <sstream>

#include "client/command/words/completion.h"
#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::Command;
using baton::test::http_answer;
using baton::test::kEndEvent;
using baton::test::OwnFile;
using baton::test::row_event;
using baton::test::ToldServer;
using baton::test::Words;

namespace {

/// ESC, BEL, DEL, and U+009B, which is ESC and '[' in one.
constexpr const char* kObeyed = R"(\u001b[2J\u0007\u007f\u009b1m)";

std::string answer_of(std::string body) {
  for (auto at = body.find('!'); at != std::string::npos; at = body.find('!', at))
    body.replace(at, 1, kObeyed);
  return http_answer("200 OK", "application/json", body);
}

std::string said(const Command& command) {
  return command.out.str() + command.err.str();
}

bool has_obeyed(const std::string& text) {
  return text.find_first_of("\x1b\x07\x7f") != std::string::npos ||
         text.find("\xC2\x9B") != std::string::npos;
}

}  // namespace

TEST_CASE("no terminal obeys what a conductor tells of others") {
  const std::vector<std::pair<Words, std::string>> asked{
      {{"list"}, R"({"jobs": [{"uuid": "u!", "name": "n!", "failure": {"type": "T!", "message": "m!"}}]})"},
      {{"show", "u"},
       R"({"uuid": "u", "name": "n!", "atoms": [{"name": "a!", "result": "r!", "worker": "w!"}]})"},
      {{"history", "u"}, R"({"rows": [{"atom": "a!", "what": "w!"}], "posted": {"reason": "r!"}})"},
      {{"workers"}, R"({"workers": [{"name": "w!", "labels": {"l!": "v!"}, "task_types": ["t!"]}]})"},
      {{"left-alone"}, R"({"left_alone": [{"job": "u!", "reason": "r!"}], "parked": []})"},
      {{"hooks", "of", "u"}, R"({"calls": [{"hook": "h!", "state": "done", "error": "e!"}]})"},
      {{"flow", "show", "f"}, R"({"name": "f!", "parameters": [{"name": "p!", "default": "d!"}]})"},
      {{"post", "f"}, R"({"parameters": [], "uuid": "u!", "warning": "w!"})"}};
  for (const auto& [words, body] : asked) {
    CAPTURE(body);
    const ToldServer server({{"*", answer_of(body)}});
    const Command command(server, words);
    CHECK(command.ended == Ended::Success);
    CHECK_THAT(said(command), Catch::Contains("?"));
    CHECK_FALSE(has_obeyed(said(command)));
    auto in_json = words;
    in_json.insert(in_json.begin(), {"--output", "json"});
    CHECK_THAT(said(Command(server, in_json)), Catch::Contains("\xC2\x9B"));  // programs get what was said
  }
}

TEST_CASE("no terminal obeys a problem, a row that comes, or who is no conductor") {
  const auto problem = R"({"type": "urn:baton:problem:x", "title": "t\u001b", "detail": "d\u009b",
                           "errors": [{"pointer": "/p\u001b", "detail": "e\u0007"}]})";
  const ToldServer refusing({{"*", http_answer("400 Bad Request", "application/problem+json", problem)}});
  const Command refused(refusing, {"show", "u"});
  CHECK(refused.err.str() == "baton: t? (400)\n  d?\n  /p? e?\n");
  const ToldServer odd({{"*", http_answer("200 OK", "text/html\xC2\x9B", "<p>")}});
  CHECK_FALSE(has_obeyed(said(Command(odd, {"show", "u"}))));
  const ToldServer rows(
      {{"GET /v1/jobs/u/events",
        http_answer("200 OK", "text/event-stream", row_event(1, "w\\u001b") + kEndEvent)},
       {"GET /v1/jobs/u", http_answer("200 OK", "application/json", R"({"state": "SUCCESS"})")}});
  const Command watched(rows, {"watch", "u"});
  CHECK_THAT(watched.out.str(), Catch::Contains("w?"));
  CHECK_FALSE(has_obeyed(said(watched)));
}

TEST_CASE("no terminal obeys what a flow file calls its things") {
  const std::string nodes = R"(
  - {task: command, name: "a\e[2J", inject: {argv: ["true"]}}
  - {flow: {name: "g\a", pattern: linear, retry: {name: "r\x9b", policy: times, attempts: 3}, nodes: [
      {task: command, name: "b\x7f", inject: {argv: ["true"]}}]}}
  - {task: command, name: "d\x80", irreversible: true, inject: {argv: ["true"]}}
)";
  const OwnFile one("name: \"f\\e[2J\"\npattern: linear\nnodes:" + nodes, "one.yaml");
  const OwnFile two("name: \"f\\x9b\"\npattern: linear\nnodes:\n  - {task: command, name: \"c\\a\"}" + nodes,
                    "two.yaml");
  const OwnFile asking(
      "name: \"f\\a\"\nparameters: {\"p\\e\": {type: string}}\npattern: linear\nnodes:" + nodes,
      "asking.yaml");
  for (const Words& words :
       {Words{"flow", "validate", one.path}, Words{"flow", "validate", asking.path},
        Words{"flow", "plan", one.path}, Words{"flow", "graph", one.path},
        Words{"flow", "graph", one.path, "--format", "mermaid"},
        Words{"flow", "graph", one.path, "--format", "dot"}, Words{"flow", "diff", one.path, two.path},
        Words{"flow", "diff", one.path, asking.path}}) {
    CAPTURE(words);
    const Command command(words);
    CHECK_THAT(said(command), Catch::Contains("?"));
    CHECK_FALSE(has_obeyed(said(command)));
  }
}

TEST_CASE("a name that a terminal would obey is not offered to the shell") {
  Completion completion;
  completion.candidates = {{"a\x1b", "x"}, {"b", "y\xC2\x9B"}, {"c\nd", ""}};
  CHECK(completion_lines(completion) == "b\ty?\n");
}

TEST_CASE("a cell makes no row, and a tab is a blank") {
  const ToldServer server({{"*", answer_of(R"({"jobs": [{"uuid": "u", "name": "a\nb\tc"}]})")}});
  CHECK_THAT(Command(server, {"list"}).out.str(), Catch::Contains("u     a b c"));
}

TEST_CASE("pages that lead nowhere end") {
  const ToldServer rows({{"*", answer_of(R"({"rows": [{"what": "w"}], "next": 7})")}});
  const Command history(rows, {"history", "u"});
  CHECK(history.ended == Ended::Unreachable);
  CHECK(rows.requests().size() == 2);
  const ToldServer files({{"*", answer_of(R"({"flows": [], "flow_files": [], "next": "f"})")}});
  CHECK(Command(files, {"flow", "list"}).ended == Ended::Unreachable);
  CHECK(files.requests().size() == 3);
  const ToldServer turning({{"GET /v1/flow-files", answer_of(R"({"flow_files": [], "next": "b"})")},
                            {"GET /v1/flow-files #2", answer_of(R"({"flow_files": [], "next": "a"})")},
                            {"*", answer_of(R"({"flows": [], "flow_files": []})")}});
  CHECK(Command(turning, {"flow", "list"}).ended == Ended::Unreachable);
  CHECK(turning.requests().size() == 3);
}

TEST_CASE("no terminal obeys what the files of a stored flow are called, or who has put them") {
  const ToldServer server({{"*", answer_of(R"({"name": "f", "version": 1, "who": "w!", "reason": "r!",
      "stored_at": "t!", "main": "f!.yaml", "files": {"f!.yaml": "name: f\n", "x!\n==> y.yaml": "nodes: []\n"}})")}});
  const Command command(server, {"flow", "show", "f@1"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.err.str() == "f@1, by w?[2J???1m at t?[2J???1m: r?[2J???1m\n");
  CHECK(command.out.str() ==
        "==> f?[2J???1m.yaml <==\nname: f\n\n==> x?[2J???1m?==> y.yaml <==\nnodes: []\n");
}

TEST_CASE("who can run a task is said by what was answered, not by how it is shown") {
  const ToldServer server({{"GET /v1/workers", answer_of(R"({"workers": [
      {"name": "w!", "state": "READY", "task_types": ["a\tb!"], "labels": {"l\u0001": "1", "l\u0002": "2"}},
      {"name": "other", "state": "READY", "task_types": ["a b?[2J???1m"], "labels": {}}]})")}});
  const OwnFile file(
      "name: f\npattern: linear\nnodes:\n"
      "  - {task: \"a\\tb\\e[2J\\a\\x7f\\x9b1m\", name: n, labels: {\"l\\x01\": \"1\", \"l\\x02\": \"2\"}}\n",
      "f.yaml");
  const Command plan({"flow", "plan", file.path, "--workers"}, server.address());
  CHECK(plan.ended == Ended::Success);
  CHECK_THAT(plan.out.str(), Catch::Contains("  w?[2J???1m\n"));
  CHECK_FALSE(has_obeyed(said(plan)));
  CHECK(Command({"flow", "validate", file.path, "--workers"}, server.address()).ended == Ended::Success);
}

TEST_CASE("a number that is no whole one ends no command") {
  const auto accepted =
      http_answer("202 Accepted", "application/json", R"({"order": "cancel", "id": 1.5, "run": 1e300})");
  CHECK(Command(ToldServer({{"*", accepted}}), {"cancel", "u"}).ended == Ended::Success);
  const auto posted =
      answer_of(R"({"parameters": [], "uuid": "u", "flow_file": {"name": "f", "version": 0.5}})");
  CHECK(Command(ToldServer({{"*", posted}}), {"post", "f"}).ended == Ended::Success);
  const std::string row = R"(data: {"row": {"what": "w", "order": {"id": 1.5}}})";
  const ToldServer rows(
      {{"GET /v1/jobs/u/events", http_answer("200 OK", "text/event-stream", row + "\n\n" + kEndEvent)},
       {"GET /v1/jobs/u", answer_of(R"({"state": "SUCCESS", "run": 1.5})")}});
  CHECK(Command(rows, {"watch", "u"}).ended == Ended::Success);
}
