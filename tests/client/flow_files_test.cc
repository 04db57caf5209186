#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

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

const std::string kCreateCluster = BATON_EXAMPLE_FLOWS "/create-cluster.yaml";
const std::string kRelease = BATON_EXAMPLE_FLOWS "/release.yaml";

std::string workers() {
  return http_answer("200 OK", "application/json", R"({"workers": [
      {"name": "w1", "state": "READY", "task_types": ["server.create", "server.wait"], "labels": {}},
      {"name": "w2", "state": "READY", "task_types": ["server.wait"], "labels": {"zone": "eu"}},
      {"name": "w3", "state": "DRAINING", "task_types": ["cluster.configure"], "labels": {}}]})");
}

const std::string kMistakes = "name: f\npatern: linear\nnodes:\n  - {task: echo}\n";

}  // namespace

TEST_CASE("a good flow file is said to be good, with 0") {
  const Command command({"flow", "validate", kCreateCluster});
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() == kCreateCluster + ": create-cluster is good: 7 tasks, 3 retries\n");
  CHECK(command.err.str().empty());
  const Command program({"flow", "validate", kCreateCluster, "--param", "nodes=a", "-o", "json"});
  CHECK(json::parse(program.out.str()) ==
        json::value{{"file", kCreateCluster}, {"flow", "create-cluster"}, {"tasks", 3}, {"retries", 1}});
}

TEST_CASE("every mistake of a flow file is told on stderr, and the end is 2") {
  const File file(kMistakes);
  const Command command({"flow", "validate", file.path, kCreateCluster});
  CHECK(command.ended == Ended::Usage);
  CHECK(says(command.err.str(),
             file.path + ":1:1: a flow file needs the member 'pattern'\n    name: f\n    ^\n"));
  CHECK(says(command.err.str(), ":2:1: 'patern' is no member of a flow file"));
  CHECK(says(command.err.str(), ":4:5: a task needs the member 'name'"));
  CHECK(says(command.out.str(), "create-cluster is good"));  // the other file is looked at all the same
  const Command program({"flow", "validate", file.path, "-o", "json"});
  CHECK(program.out.str().empty());
  const auto problem = json::parse(program.err.str());
  CHECK(problem.at("type") == "urn:baton:problem:bad-flow-file");
  REQUIRE(problem.at("errors").as_array().size() == 3);
  CHECK(problem.at("errors").at(1).at("line") == 2);
  CHECK(problem.at("errors").at(1).at("column") == 1);
  CHECK(says(std::string(problem.at("errors").at(1).at("hint").as_string()), "did you mean 'pattern'?"));
}

TEST_CASE("a file whose parameters are not given is looked at as far as that goes") {
  const Command form({"flow", "validate", kRelease});
  CHECK(form.ended == Ended::Success);
  CHECK(form.out.str() ==
        kRelease + ": release is well formed; to look at what it means give --param version=…\n");
  CHECK(
      json::parse(Command({"flow", "validate", kRelease, "-o", "json"}).out.str()).at("missing_parameters") ==
      json::array{"version"});
  const Command whole({"flow", "validate", kRelease, "--param", "version=1.10"});
  CHECK(whole.out.str() == kRelease + ": release is good: 7 tasks, 3 retries\n");
  const Command wrong({"flow", "validate", kRelease, "--param", "versoin=1"});
  CHECK(wrong.ended == Ended::Usage);
  CHECK(says(wrong.err.str(), "--param:1:1: the flow has no parameter 'versoin'"));
}

TEST_CASE("a flow file is read once: it may come through a pipe") {
  const auto through_pipe = [](const std::string& text) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    const Command command({"flow", "validate", "/dev/fd/" + std::to_string(ends[0])});
    ::close(ends[0]);
    return command.out.str() + command.err.str();
  };
  CHECK(says(through_pipe("name: f\npattern: linear\nnodes:\n  - {task: echo, name: a}\n"),
             ": f is good: 1 task\n"));
  CHECK(says(through_pipe("name: f\nparameters:\n  x: {type: string}\npattern: linear\nnodes: []\n"),
             ": f is well formed; to look at what it means give --param x=…\n"));
  CHECK(says(through_pipe(kMistakes), ":2:1: 'patern' is no member of a flow file"));
}

TEST_CASE("of very many mistakes a program is told a hundred, and how many more") {
  std::string nodes;
  for (int i = 0; i < 130; ++i) nodes += "  - {task: echo, name: a" + std::to_string(i) + ", provide: x}\n";
  const File file("name: f\npattern: linear\nnodes:\n" + nodes);
  const auto problem = json::parse(Command({"flow", "validate", file.path, "-o", "json"}).err.str());
  CHECK(problem.at("errors").as_array().size() == 100);
  CHECK(problem.at("more_errors") == 30);
}

TEST_CASE("task types that nobody runs are told when the workers are asked") {
  const ToldServer server({{"GET /v1/workers", workers()}});
  const Command command({"flow", "validate", kCreateCluster, "--workers"}, server.address());
  CHECK(command.ended == Ended::Usage);
  CHECK(says(command.err.str(), "create-cluster.yaml:20:12: nobody runs tasks of type 'cluster.configure'"));
  CHECK_FALSE(says(command.err.str(), "server.create'\n"));
  CHECK(Command({"flow", "validate", kCreateCluster, "--workers"}).ended == Ended::Unreachable);
}

TEST_CASE("a flow file is drawn in ASCII, as mermaid and for graphviz") {
  const Command tree({"flow", "graph", kCreateCluster, "-p", "nodes=a,b"});
  CHECK(tree.out.str() ==
        "create-cluster  (one after the other)\n"
        "|- servers  (all at once)\n"
        "|  |- add-a  (one after the other; retry: at most 3 attempts, then reverts all)\n"
        "|  |  |- create-a  server.create\n"
        "|  |  `- wait-a  server.wait\n"
        "|  `- add-b  (one after the other; retry: at most 3 attempts, then reverts all)\n"
        "|     |- create-b  server.create\n"
        "|     `- wait-b  server.wait\n"
        "`- configure  cluster.configure\n");
  const Command graph({"flow", "graph", kRelease, "--param", "version=1", "--param", "mirrors=eu"});
  CHECK(says(graph.out.str(),
             "publish  release.publish  IRREVERSIBLE  after build, check (if check gave true)\n"));
  const Command mermaid({"flow", "graph", kRelease, "--format", "mermaid", "-p", "version=1"});
  CHECK(says(mermaid.out.str(), "flowchart TB\n  subgraph f0[\"release: as linked\"]\n"));
  CHECK(says(mermaid.out.str(), "[[\"publish<br>release.publish\"]]\n"));
  CHECK(says(mermaid.out.str(), " -. \"if check gave true\" .-> "));
  const Command dot({"flow", "graph", kRelease, "--format", "dot", "-p", "version=1"});
  CHECK(says(dot.out.str(), "digraph {\n"));
  CHECK(says(dot.out.str(), "[label=\"publish\\nrelease.publish\", peripheries=2]\n"));
  CHECK(says(dot.out.str(), " [style=dashed, label=\"if check gave true\"]\n"));
  CHECK(Command({"flow", "graph", kCreateCluster, "--format", "png"}).ended == Ended::Usage);
}

TEST_CASE("names with quotes and brackets stay inside their labels") {
  const File file(
      "name: 'f \"x\" <b> #1 \\'\npattern: linear\nnodes:\n  - {task: echo, name: 'a\"]; n9 [label=\"x'}\n");
  const Command dot({"flow", "graph", file.path, "--format", "dot"});
  CHECK(says(dot.out.str(), R"(label="f \"x\" <b> #1 \\: one after the other";)"));
  CHECK(says(dot.out.str(), R"([label="a\"]; n9 [label=\"x\necho"])"));
  const Command mermaid({"flow", "graph", file.path, "--format", "mermaid"});
  CHECK(says(mermaid.out.str(), R"(["f #quot;x#quot; #lt;b#gt; #35;1 \: one after the other"])"));
}

TEST_CASE("svg is what graphviz's dot makes of it, and where it is missing that is said") {
  const Command svg({"flow", "graph", kCreateCluster, "--format", "svg"});
  REQUIRE(svg.ended == Ended::Success);
  CHECK(says(svg.out.str(), "<svg "));
  CHECK(says(svg.out.str(), ">create&#45;a<"));
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const Command missing({"flow", "graph", kCreateCluster, "--format", "svg"});
  ::setenv("PATH", path.c_str(), 1);
  CHECK(missing.ended == Ended::Unreachable);
  CHECK(missing.err.str() ==
        "baton: svg needs graphviz's program 'dot', which is not here\n"
        "  hint: apt-get install graphviz, or take --format dot, mermaid or ascii\n");
}

TEST_CASE("a plan of one task says so") {
  const Command plan({"flow", "plan", BATON_EXAMPLE_FLOWS "/hello.yaml"});
  CHECK(says(plan.out.str(), "hello: 1 task in 1 step, at most 1 at once"));
}

TEST_CASE("a plan says the order, the width, and what reverts what, without a conductor") {
  const Command plan({"flow", "plan", kCreateCluster, "-p", "nodes=a,b"});
  CHECK(plan.ended == Ended::Success);
  CHECK(plan.out.str() ==
        "create-cluster: 5 tasks in 3 steps, at most 2 at once, if each takes as long as the others\n"
        "STEP  TASK       TYPE               IF IT FAILS\n"
        "1     create-a   server.create      ask add-a_retry\n"
        "1     create-b   server.create      ask add-b_retry\n"
        "2     wait-a     server.wait        ask add-a_retry\n"
        "2     wait-b     server.wait        ask add-b_retry\n"
        "3     configure  cluster.configure  all is reverted\n"
        "add-a_retry reverts wait-a, create-a; tries again, at most 3 attempts; then all is reverted\n"
        "add-b_retry reverts wait-b, create-b; tries again, at most 3 attempts; then all is reverted\n");
  const Command release({"flow", "plan", kRelease, "-p", "version=1", "-p", "mirrors=eu"});
  CHECK(says(release.out.str(), "publish (irreversible)"));
  CHECK(says(release.out.str(),
             "once publish has succeeded a rollback stops there; it keeps build, upload-eu, check\n"));
}

TEST_CASE("a plan with very many retries is told in a moment") {
  constexpr int kFlows = 20'000;
  std::string text = "name: f\npattern: unordered\nnodes:\n";
  for (int i = 0; i < kFlows; ++i) {
    const auto number = std::to_string(i);
    text += "  - flow: {name: g" + number +
            ", pattern: linear, retry: {policy: times, attempts: 1}, nodes: [{task: t, name: t" + number +
            ", irreversible: true}]}\n";
  }
  const File file(text);
  const auto begun = std::clock();
  const Command plan({"flow", "plan", file.path});
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 20);  // no quadratic step, at -O0 and with sanitizers
  CHECK(says(plan.out.str(), "g19999_retry reverts t19999; then all is reverted\n"));
  CHECK(says(plan.out.str(), "once t19999 has succeeded a rollback stops there; it keeps "));
}

TEST_CASE("a plan says who can run each task now, by type and labels, when it is asked to") {
  const ToldServer server({{"GET /v1/workers", workers()}});
  const Command plan({"flow", "plan", kCreateCluster, "-p", "nodes=a", "--workers"}, server.address());
  CHECK(says(plan.out.str(), "1     create-a   server.create      ask add-a_retry  w1\n"));
  CHECK(says(plan.out.str(), "2     wait-a     server.wait        ask add-a_retry  w1, w2\n"));
  CHECK(says(plan.out.str(), "3     configure  cluster.configure  all is reverted  NOBODY\n"));
  const File file("name: f\npattern: linear\nnodes:\n  - {task: server.wait, name: a, labels: {zone: eu}}\n");
  const Command program({"flow", "plan", file.path, "--workers", "-o", "json"}, server.address());
  CHECK(json::parse(program.out.str()).at("tasks").at(0).at("workers") == json::array{"w2"});
  CHECK(Command({"flow", "plan", kCreateCluster, "--workers"}).ended == Ended::Unreachable);
}

TEST_CASE("what a conductor refuses ends with 4, and what is no conductor with 3") {
  const ToldServer refusing(
      {{"*", http_answer("503 Service Unavailable", "application/problem+json",
                         R"({"type": "urn:baton:problem:away", "title": "Away", "detail": "no"})")}});
  CHECK(Command({"flow", "plan", kCreateCluster, "--workers"}, refusing.address()).ended == Ended::Refused);
  CHECK(Command({"flow", "validate", kCreateCluster, "--workers"}, refusing.address()).ended ==
        Ended::Refused);
  const ToldServer other(
      {{"*", http_answer("200 OK", "application/json", R"({"workers": [{"state": "READY"}]})")}});
  const Command shape({"flow", "plan", kCreateCluster, "--workers"}, other.address());
  CHECK(shape.ended == Ended::Unreachable);
  CHECK(says(shape.err.str(), "is no Baton conductor"));
}

TEST_CASE("an initial symbol that could not be kept is refused by its name") {
  const Command command({"flow", "validate", kCreateCluster, "--store", R"(y="\u0000")"});
  CHECK(command.ended == Ended::Usage);
  CHECK(says(command.err.str(), "baton: --store 'y': "));
}

TEST_CASE("a flow file is posted written out, with its parameters and initial symbols") {
  const ToldServer server(
      {{"POST /v1/jobs", http_answer("201 Created", "application/json", R"({"uuid": "u"})")}});
  const Command post({"post", "--file", kCreateCluster, "--param", "nodes=x", "--store", "y=1"},
                     server.address());
  CHECK(post.ended == Ended::Success);
  REQUIRE(server.bodies().size() == 1);
  const auto body = json::parse(server.bodies().front());
  CHECK(body.at("store") == json::value{{"y", 1}});
  CHECK(body.at("flow").at("name") == "create-cluster");
  CHECK_FALSE(body.at("flow").as_object().contains("parameters"));
  const auto& add = body.at("flow").at("nodes").at(0).at("flow").at("nodes").at(0).at("flow");
  CHECK(add.at("name") == "add-x");
  CHECK(add.at("nodes").at(0).at("inject").at("hostname") == "x");
}

TEST_CASE("a flow file with mistakes is not posted") {
  const File file(kMistakes);
  const ToldServer server({});
  const Command post({"post", "--file", file.path}, server.address());
  CHECK(post.ended == Ended::Usage);
  CHECK(says(post.err.str(), ":4:5: a task needs the member 'name'"));
  CHECK(server.requests().empty());
}

TEST_CASE("the schema that is published is the one that the command prints") {
  std::ifstream in(BATON_EXAMPLE_FLOWS "/../../docs/flow-file.schema.json");
  std::ostringstream published;
  published << in.rdbuf();
  const Command command({"flow", "schema"});
  CHECK(command.out.str() == published.str());  // baton flow schema > docs/flow-file.schema.json
  CHECK(json::parse(command.out.str()).at("required") == json::array{"name", "pattern", "nodes"});
}
