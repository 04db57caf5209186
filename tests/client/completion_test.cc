#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "client/command/command_line.h"
#include "client/command/words/completion_script.h"
#include "tests/client/told_server.h"
#include "tests/support/scratch_folder.h"

using namespace baton::client;
using baton::test::http_answer;
using baton::test::ToldServer;

namespace {

using Words = std::vector<std::string>;

/// What a shell is told behind these words; nobody listens at port 1.
Words tab(Words line, const std::string& api = "127.0.0.1:1", const std::string& profiles = "") {
  line.insert(line.begin(), kCompleteWord);
  std::ostringstream out, err;
  Invocation invocation{std::move(line), api, false, "", profiles};
  CHECK(run_command(invocation, {}, {}, out, err) == Ended::Success);
  CHECK(err.str().empty());
  Words names;
  std::istringstream lines(out.str());
  for (std::string name; std::getline(lines, name);) names.push_back(name.substr(0, name.find('\t')));
  return names;
}

bool has(const Words& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("words complete at each depth, with what they are") {
  CHECK(tab({"jo"}) == Words{"job"});
  CHECK(tab({"job", "re"}) == Words{"resume", "rerun", "retry"});
  CHECK(tab({"--output", "json", "job", "sho"}) == Words{"show"});
  CHECK(tab({"-o", "json", "--api", "a:1", "flow", "va"}) == Words{"validate"});
  const auto all = tab({""});
  CHECK(has(all, "post"));
  CHECK(has(all, "completion"));
  CHECK(tab({"no-such-word"}).empty());
  std::ostringstream out, err;
  run_command({{kCompleteWord, "job", "hist"}, "", false}, {}, {}, out, err);
  CHECK(out.str() == "history\twhat happened to a job\n");
}

TEST_CASE("options complete where a dash says so, of the word and of every word") {
  CHECK(tab({"job", "cancel", "u", "--k"}) == Words{"--keep"});
  CHECK(tab({"list", "--out"}) == Words{"--output"});
  const auto options = tab({"suspend", "u", "--"});
  CHECK(has(options, "--reason"));
  CHECK(has(options, "--help"));
  CHECK_FALSE(has(options, "--why"));  // an older name
}

TEST_CASE("values of options complete, also behind =") {
  CHECK(tab({"list", "--state", "SUSP"}) == Words{"SUSPENDING", "SUSPENDED"});
  CHECK(tab({"list", "--state", "RUNNING,SUSPENDE"}) == Words{"RUNNING,SUSPENDED"});
  CHECK(tab({"list", "--state=RUNNING,REV"}) == Words{"--state=RUNNING,REVERTED"});
  CHECK(tab({"list", "--output=y"}) == Words{"--output=yaml"});
  CHECK(tab({"workers", "-o", ""}) == Words{"table", "json", "yaml"});
  CHECK(tab({"completion", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(tab({"post", "--priority", "VERY_"}) == Words{"VERY_HIGH", "VERY_LOW"});
  CHECK(tab({"flow", "validate", ""}) == Words{":files"});
  CHECK(tab({"flow", "validate", "a.yaml", ""}) == Words{":files"});
  CHECK(tab({"post", "f", "--file", "x"}) == Words{":files"});
  CHECK(tab({"post", "f", "--name", ""}).empty());  // anything
}

TEST_CASE("jobs and flows are those that a conductor knows, and none where none answers") {
  const ToldServer server({{"GET /v1/jobs", http_answer("200 OK", "application/json", R"({"jobs": [
                              {"uuid": "3ab6", "name": "x", "state": "RUNNING"}, {"uuid": "77", "name": "y\u001b[2J"},
                              {"uuid": "3\u001b[2J", "name": "z"}, {"uuid": "3\u009b2J", "name": "é"},
                              {"board_path": "/no/uuid"}]})")},
                           {"GET /v1/flows", http_answer("200 OK", "application/json",
                                                         R"({"flows": [{"name": "create-cluster"}]})")}});
  CHECK(tab({"show", ""}, server.address()) == Words{"3ab6", "77"});
  CHECK(tab({"job", "cancel", "3"}, server.address()) == Words{"3ab6"});
  CHECK(tab({"post", "cr"}, server.address()) == Words{"create-cluster"});
  CHECK(tab({"list", "--flow="}, server.address()) == Words{"--flow=create-cluster"});
  CHECK(tab({"--api", server.address(), "show", "7"}) == Words{"77"});
  std::ostringstream out, err;
  CHECK(run_command({{kCompleteWord, "show", "7"}, server.address()}, {}, {}, out, err) == Ended::Success);
  CHECK(out.str() == "77\ty?[2J \n");
  CHECK(tab({"show", "3"}).empty());
  const ToldServer page({{"*", http_answer("200 OK", "application/json", R"({"jobs": [1, {"uuid": 2}]})")}});
  CHECK(tab({"show", "3"}, page.address()).empty());
}

TEST_CASE("parameters are those of the flow that stands before, a file's or one that a conductor knows") {
  const auto ok = [](const std::string& body) { return http_answer("200 OK", "application/json", body); };
  const ToldServer server(
      {{"GET /v1/flows/greet", ok(R"({"parameters": [{"name": "whom", "type": "string"},
                                                     {"name": "when", "type": "string", "default": "now"}]})")},
       {"GET /v1/flow-files/deploy",
        ok(R"({"parameters": [{"name": "hosts", "type": "list", "items": "string", "description": "where"}]})")},
       {"*", http_answer("404 Not Found", "application/problem+json", "{}")}});
  CHECK(tab({"post", "greet", "--param", ""}, server.address()) == Words{"whom=", "when="});
  CHECK(tab({"job", "post", "greet", "-p", "whe"}, server.address()) == Words{"when="});
  CHECK(tab({"post", "greet", "--param=who"}, server.address()) == Words{"--param=whom="});
  CHECK(tab({"post", "greet", "--param", "whom="}, server.address()).empty());
  CHECK(tab({"post", "deploy", "--param", ""}, server.address()) == Words{"hosts="});
  CHECK(tab({"flow", "plan", "deploy@2", "--param", "h"}, server.address()) == Words{"hosts="});
  CHECK(tab({"flow", "diff", "deploy", "deploy@2", "--param", "h"}, server.address()) == Words{"hosts="});
  CHECK(server.requests().back() == "GET /v1/flow-files/deploy");
  CHECK(tab({"post", "nobody", "--param", ""}, server.address()).empty());
  CHECK(tab({"post", "--param", ""}, server.address()).empty());
  const auto asked = server.requests().size();
  CHECK(tab({"run", "greet", "--param", ""}, server.address()).empty());  // it needs no conductor
  CHECK(tab({"post", "--file", "greet", "--param", ""}, server.address()).empty());
  CHECK(server.requests().size() == asked);
}

TEST_CASE("parameters of a flow file are read from it, with what they are") {
  const std::string file = BATON_EXAMPLE_FLOWS "/create-cluster.yaml";
  for (const auto& before : {Words{"run", file}, Words{"post", "--file", file}, Words{"post", "-f", file},
                             Words{"flow", "validate", file, "other.yaml"}}) {
    auto line = before;
    line.insert(line.end(), {"--param", "n"});
    CHECK(tab(line) == Words{"nodes=", "name="});
  }
  std::ostringstream out, err;
  run_command({{kCompleteWord, "run", file, "-p", ""}, ""}, {}, {}, out, err);
  CHECK(out.str() == "nodes=\tlist of string\nname=\tstring: what the cluster is called\n");
  const baton::test::ScratchFolder folder;
  const auto broken = folder.path() + "/broken.yaml";
  std::ofstream(broken) << "name: [\n";
  CHECK(tab({"run", broken, "--param", ""}).empty());
}

TEST_CASE("profiles complete from their file") {
  const baton::test::ScratchFolder folder;
  const auto file = folder.path() + "/profiles.yaml";
  std::ofstream(file) << "profiles: {test: {api: 'a:1'}, production: {api: 'b:1'}}\n";
  CHECK(tab({"--profile", ""}, "", file) == Words{"test", "production"});
  CHECK(tab({"profile", "use", "pro"}, "", file) == Words{"production"});
  std::ofstream(file) << "profiles: [\n";
  CHECK(tab({"--profile", ""}, "", file).empty());
}
