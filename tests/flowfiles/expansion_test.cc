#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "flowfile/flow_file.h"
#include "tests/flowfiles/flow_page.h"

using namespace baton;
using namespace baton::test;
using flowfile::Given;
namespace json = boost::json;

namespace {

/// Files in memory.
struct Texts {
  std::map<std::string, std::string> texts;

  flowfile::ReadText reader() const {
    return [this](const std::string& path) -> Result<std::string, std::string> {
      const auto found = texts.find(path);
      if (found == texts.end()) return Fail("cannot read '" + path + "'");
      return found->second;
    };
  }
};

struct Compilation {
  Result<flowfile::Compiled, flowfile::Problems> result;

  json::value flow() const {
    INFO((result.ok() ? "" : shown(result.error())));
    REQUIRE(result.ok());
    return result->flow.tree();
  }
  std::string told() const { return result.ok() ? "" : shown(result.error()); }
};

Compilation compile(const Texts& texts, const Given& given = {}, const std::string& path = "f.yaml") {
  return {flowfile::compile_file(path, given, texts.reader())};
}
Compilation compile(const std::string& text, const Given& given = {}) {
  return compile(Texts{{{"f.yaml", text}}}, given);
}
Given with(std::vector<std::string> parameters) {
  Given given;
  given.parameters = std::move(parameters);
  return given;
}

std::vector<std::string> names_of(const json::value& flow) {
  std::vector<std::string> names;
  for (const auto& node : flow.at("nodes").as_array()) {
    const auto& inside = node.as_object().contains("flow") ? node.at("flow") : node;
    names.emplace_back(inside.at("name").as_string());
  }
  return names;
}

json::value inject_of(const std::string& value, const std::string& parameters, const Given& given = {}) {
  return compile("name: f\n" + parameters +
                     "pattern: linear\nnodes:\n  - {task: echo, name: a, inject: {x: " + value + "}}\n",
                 given)
      .flow()
      .at("nodes")
      .at(0)
      .at("inject")
      .at("x");
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("each good file gives the flow that is kept beside it") {
  const Texts none;
  for (const auto& file : files_in("good")) {
    CAPTURE(file);
    const auto read = [](const std::string& path) -> Result<std::string, std::string> {
      return kept_text(path);
    };
    const auto compiled = flowfile::compile_file(file, {}, read);
    INFO((compiled.ok() ? "" : shown(compiled.error())));
    REQUIRE(compiled.ok());
    const auto flow = json::serialize(compiled->flow.tree()) + "\n";
    if (!is_kept(file + ".flow", flow)) CHECK(flow == kept_text(file + ".flow"));
  }
}

TEST_CASE("a parameter is its default, or what is given, by its type") {
  const std::string nodes = "parameters:\n  nodes: {type: list, items: string, default: [a, b]}\n";
  CHECK(json::serialize(inject_of("$nodes", nodes)) == R"(["a","b"])");
  CHECK(json::serialize(inject_of("$nodes", nodes, with({"nodes=x,y,z"}))) == R"(["x","y","z"])");
  CHECK(json::serialize(inject_of("$nodes", nodes, with({"nodes=[\"p\", \"q,r\"]"}))) == R"(["p","q,r"])");
  CHECK(json::serialize(inject_of("$nodes", nodes, with({"nodes="}))) == "[]");
  CHECK(json::serialize(
            inject_of("$n", "parameters:\n  n: {type: list, items: integer}\n", with({"n=1,2"}))) == "[1,2]");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {type: string}\n", with({"n=12"}))) == R"("12")");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {type: integer}\n", with({"n=12"}))) == "12");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {type: boolean}\n", with({"n=false"}))) ==
        "false");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {}\n", with({"n={\"a\": 1}"}))) == R"({"a":1})");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {}\n", with({"n=a b"}))) == R"("a b")");
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {type: string, default: null}\n")) == "null");
  Given values;
  values.values["n"] = Value::of_number(3);
  CHECK(json::serialize(inject_of("$n", "parameters:\n  n: {type: integer}\n", values)) == "3");
}

TEST_CASE("parameters that do not fit are told all at once, with a caret in what was given") {
  const std::string text =
      "name: f\nparameters:\n  nodes: {type: list, items: integer}\n  image: {type: string}\n"
      "pattern: linear\nnodes: []\n";
  CHECK(compile(text, with({"nods=1", "nodes=1,x", "image"})).told() ==
        "f.yaml: parameter 'image' is missing, expected: string\n"
        "  hint: it has no default: give it with --param image=…\n"
        "--param:1:1: the flow has no parameter 'nods'\n"
        "    nods=1\n"
        "    ^\n"
        "  hint: did you mean 'nodes'? known: nodes, image\n"
        "--param:1:1: 'image' is no NAME=VALUE\n"
        "    image\n"
        "    ^\n"
        "--param:1:7: parameter 'nodes' is a list with \"x\" at index 1, expected: list of integer\n"
        "    nodes=1,x\n"
        "          ^");
}

TEST_CASE("names are put into texts and keys, once, and a dollar sign is written twice") {
  const std::string all =
      "parameters:\n  node: {default: web}\n  count: {default: 3}\n  on: {default: true}\n"
      "  server: {default: {host: h, disks: [x, y]}}\n  money: {default: 'costs $node'}\n";
  const std::string quoted_key = "parameters:\n  node: {default: web}\n";
  CHECK(inject_of("'${node}-1.$node.example'", quoted_key) == "web-1.web.example");
  const std::string declared =
      "parameters:\n  node: {default: web}\n  count: {default: 3}\n"
      "  server: {default: {host: h, disks: [x, y]}}\n  money: {default: 'costs $node'}\n";
  CHECK(inject_of("$node-$count", declared) == "web-3");
  CHECK(inject_of("$count", declared) == 3);
  CHECK(inject_of("'${server.host}/${server.disks.1}'", declared) == "h/y");
  CHECK(json::serialize(inject_of("'${server.disks}'", declared)) == R"(["x","y"])");
  CHECK(inject_of("'5$ and $$node, $1 $(date) $$${node}'", declared) == "5$ and $node, $1 $(date) $web");
  CHECK(inject_of("$money", declared) == "costs $node");  // what is given is not looked into
  CHECK(json::serialize(inject_of("{'$node-key': 1}", declared)) == R"({"web-key":1})");
}

TEST_CASE("a key that a name becomes is told where another one is the same, before or behind it") {
  const auto told_of = [](const std::string& map) {
    return compile(
               "name: f\nparameters:\n  node: {default: web}\npattern: linear\nnodes:\n"
               "  - {task: echo, name: a, inject: {x: " +
               map + "}}\n")
        .told();
  };
  CHECK(told_of("{web-1: 1, $node-1: 2}")
            .starts_with("f.yaml:6:50: '$node-1' is 'web-1' here, which is there already"));
  CHECK(told_of("{$node-1: 1, web-1: 2}")
            .starts_with("f.yaml:6:52: 'web-1' is 'web-1' here, which is there already"));
  CHECK(told_of("{$node-1: 1, web-2: 2}").empty());
}

TEST_CASE("a dollar sign in a key is written twice, as in a text") {
  CHECK(json::serialize(inject_of("{$$node: 1}", "parameters:\n  node: {default: web}\n")) ==
        R"({"$node":1})");
  CHECK(json::serialize(inject_of("{$HOME: 1}", "")) == R"({"$HOME":1})");
}

TEST_CASE("in a file without parameters and for_each every dollar sign is one") {
  const auto text_in = [](const std::string& head, const std::string& text) {
    return compile("name: f\n" + head +
                   "pattern: linear\nnodes:\n  - {task: command, name: a, inject: {x: '" + text + "'}}\n");
  };
  CHECK(text_in("", "$HOME ${DIR:-/tmp} $$ $").flow().at("nodes").at(0).at("inject").at("x") ==
        "$HOME ${DIR:-/tmp} $$ $");
  CHECK(text_in("parameters: {}\n", "$HOME").told().find("'$HOME': there is no parameter 'HOME'") !=
        std::string::npos);
  CHECK(text_in("parameters: {}\n", "$$HOME").flow().at("nodes").at(0).at("inject").at("x") == "$HOME");
}

TEST_CASE("for_each repeats its node in the flow around it, in order") {
  const auto flow = compile(
                        "name: f\nparameters:\n  hosts: {default: [{name: a, cpus: 2}, {name: b, cpus: 4}]}\n"
                        "pattern: linear\nnodes:\n  - {task: echo, name: first}\n"
                        "  - {for_each: {host: $hosts}, task: boot, name: 'boot-${host.name}', inject: "
                        "{cpus: '${host.cpus}'}}\n"
                        "  - {task: echo, name: last}\n")
                        .flow();
  CHECK(names_of(flow) == Names{"first", "boot-a", "boot-b", "last"});
  CHECK(flow.at("nodes").at(2).at("inject").at("cpus") == 4);
}

TEST_CASE("for_each inside for_each, and over no items") {
  const auto flow =
      compile(
          "name: f\npattern: unordered\nnodes:\n"
          "  - for_each: {node: [a, b]}\n    flow:\n      name: node-$node\n      pattern: linear\n"
          "      nodes:\n        - {for_each: {disk: [x, y]}, task: format, name: $node-$disk}\n"
          "  - {for_each: {node: []}, task: echo, name: echo-$node}\n")
          .flow();
  CHECK(names_of(flow) == Names{"node-a", "node-b"});
  CHECK(names_of(flow.at("nodes").at(1).at("flow")) == Names{"b-x", "b-y"});
}

TEST_CASE("a width makes lanes that take the items in turn") {
  const std::string text =
      "name: f\npattern: unordered\nnodes:\n"
      "  - {for_each: {node: [a, b, c, d, e]}, width: WIDTH, task: echo, name: echo-$node}\n";
  const auto with_width = [&](const std::string& width) {
    auto changed = text;
    changed.replace(changed.find("WIDTH"), 5, width);
    return compile(changed).flow();
  };
  const auto flow = with_width("2");
  REQUIRE(names_of(flow) == Names{"node-lane-1", "node-lane-2"});
  CHECK(names_of(flow.at("nodes").at(0).at("flow")) == Names{"echo-a", "echo-c", "echo-e"});
  CHECK(names_of(flow.at("nodes").at(1).at("flow")) == Names{"echo-b", "echo-d"});
  CHECK(flow.at("nodes").at(0).at("flow").at("pattern") == "linear");
  CHECK(names_of(with_width("5")) == Names{"echo-a", "echo-b", "echo-c", "echo-d", "echo-e"});
}

TEST_CASE("a condition on parameters keeps or drops its node") {
  const auto kept = [](const std::string& when) {
    return names_of(compile("name: f\nparameters:\n  image: {default: debian}\n  backup: {default: false}\n"
                            "pattern: linear\nnodes:\n  - {task: echo, name: a, when: " +
                            when + "}\n")
                        .flow())
               .size() == 1;
  };
  CHECK(kept("true"));
  CHECK_FALSE(kept("$backup"));
  CHECK(kept("{not: $backup}"));
  CHECK(kept("{equals: [$image, debian]}"));
  CHECK_FALSE(kept("{equals: [$image, Debian]}"));
  CHECK(kept("{in: [$image, [ubuntu, debian]]}"));
  CHECK(kept("{any: [$backup, {equals: [1, 1.0]}]}"));
  CHECK_FALSE(kept("{all: [$backup, true]}"));
  CHECK(kept("{all: []}"));
}

TEST_CASE("a condition on an item of a for_each drops that one") {
  CHECK(names_of(
            compile(
                "name: f\npattern: linear\nnodes:\n"
                "  - {for_each: {n: [a, b, c]}, when: {not: {equals: [$n, b]}}, task: echo, name: echo-$n}\n")
                .flow()) == Names{"echo-a", "echo-c"});
}

TEST_CASE("links to a node that is left out go with it, others stay") {
  const auto flow = [](const std::string& wanted) {
    return compile(
               "name: f\npattern: graph\nnodes:\n  - {task: echo, name: a}\n  - {task: echo, name: b}\n"
               "  - {flow: {name: c, pattern: linear, nodes: []}, when: " +
               wanted + "}\nlinks:\n  - {from: a, to: b}\n  - {from: b, to: c}\n")
        .flow();
  };
  CHECK(json::serialize(flow("false").at("links")) == R"([{"from":"a","to":"b"}])");
  CHECK(flow("true").at("links").as_array().size() == 2);
}

TEST_CASE("the last link goes with its node too") {
  const auto flow = compile(
                        "name: f\npattern: graph\nnodes:\n  - {task: echo, name: a}\n"
                        "  - {task: echo, name: b, when: false}\nlinks: [{from: a, to: b}]\n")
                        .flow();
  CHECK(json::serialize(flow.at("links")) == "[]");
}

TEST_CASE("links to a name stay with the variant of it that stays") {
  const auto links = [](const std::string& blue) {
    const auto flow = compile("name: f\nparameters:\n  blue: {default: " + blue +
                              "}\npattern: graph\nnodes:\n  - {task: build, name: build}\n"
                              "  - {task: blue, name: deploy, when: $blue}\n"
                              "  - {task: green, name: deploy, when: {not: $blue}}\n"
                              "  - {task: verify, name: verify}\n"
                              "links:\n  - {from: build, to: deploy}\n  - {from: deploy, to: verify}\n"
                              "  - {from: build, to: verify}\n")
                          .flow();
    return flow.as_object().contains("links") ? json::serialize(flow.at("links")) : "none";
  };
  const std::string both =
      R"([{"from":"build","to":"deploy"},{"from":"deploy","to":"verify"},{"from":"build","to":"verify"}])";
  CHECK(links("true") == both);
  CHECK(links("false") == both);
}

TEST_CASE("a condition stays with the variant that it asks, and goes with a node that it is on") {
  const auto flow = compile(
                        "name: f\npattern: graph\nnodes:\n"
                        "  - {task: ask, name: confirm, when: false}\n"
                        "  - {task: look_up, name: confirm, when: true}\n"
                        "  - {task: delete, name: delete, when: {result_of: confirm, equals: ok}}\n"
                        "  - {task: tell, name: tell, when: false}\n"
                        "links:\n  - {from: confirm, to: tell, when: {result_of: confirm, equals: no go}}\n")
                        .flow();
  CHECK(json::serialize(flow.at("links")) ==
        R"([{"from":"confirm","to":"delete","when":{"result_of":"confirm","equals":"ok"}}])");
}

TEST_CASE("links to an include that is left out go with it, by the name that its flow would have") {
  const auto links_when = [](const std::string& wanted) {
    const Texts texts{{{"f.yaml",
                        "name: f\nparameters:\n  zone: {default: eu}\npattern: graph\nnodes:\n"
                        "  - {task: echo, name: a}\n  - {task: echo, name: b}\n"
                        "  - {include: part.yaml, when: " +
                            wanted +
                            ", parameters: {zone: $zone}}\n"
                            "links:\n  - {from: a, to: b}\n  - {from: b, to: part-eu-x}\n"},
                       {"part.yaml",
                        "name: part-$zone-$kind\nparameters:\n  zone: {type: string}\n  kind: {default: x}\n"
                        "pattern: linear\nnodes: []\n"}}};
    return json::serialize(compile(texts).flow().at("links"));
  };
  CHECK(links_when("false") == R"([{"from":"a","to":"b"}])");
  CHECK(links_when("true") == R"([{"from":"a","to":"b"},{"from":"b","to":"part-eu-x"}])");
}

TEST_CASE("a condition on a result is a decider on the link from its task") {
  const auto flow = compile(
                        "name: f\npattern: graph\nnodes:\n  - {task: echo, name: check, provides: ok}\n"
                        "  - {for_each: {n: [a, b]}, task: echo, name: echo-$n, when: {result_of: check, "
                        "equals: $n, depth: atom}}\n")
                        .flow();
  CHECK(json::serialize(flow.at("links")) ==
        R"([{"from":"check","to":"echo-a","when":{"result_of":"check","equals":"a"},"depth":"atom"},)"
        R"({"from":"check","to":"echo-b","when":{"result_of":"check","equals":"b"},"depth":"atom"}])");
}

TEST_CASE("durations become milliseconds") {
  const auto flow =
      compile(
          "name: f\nretry: {policy: timeout, budget: 10m, backoff: {initial: 1s, cap: 1m}}\npattern: linear\n"
          "nodes:\n  - {task: echo, name: a, timeouts: {start_to_close: 1.5s, heartbeat_ms: 7}}\n")
          .flow();
  CHECK(json::serialize(flow.at("retry")) ==
        R"({"policy":"timeout","budget_ms":600000,"backoff":{"initial_ms":1000,"cap_ms":60000}})");
  CHECK(json::serialize(flow.at("nodes").at(0).at("timeouts")) ==
        R"({"start_to_close_ms":1500,"heartbeat_ms":7})");
}

TEST_CASE("an injected value is an argument, unless it is there under another name") {
  const auto requires_of = [](const std::string& members) {
    const auto node =
        compile("name: f\npattern: linear\nnodes:\n  - {task: echo, name: a, " + members + "}\n")
            .flow()
            .at("nodes")
            .at(0);
    const auto* found = node.as_object().if_contains("requires");
    return found ? json::serialize(*found) : "";
  };
  CHECK(requires_of("inject: {x: 1, y: 2}") == R"(["x","y"])");
  CHECK(requires_of("inject: {x: 1}, requires: [x]") == R"(["x"])");
  CHECK(requires_of("inject: {x: 1}, rebind: {text: x}").empty());
  CHECK(requires_of("inject: {x: 1, y: 2}, rebind: {text: x}, requires: [y]") == R"(["y"])");
  CHECK(requires_of("inject: {x: 1}, revert_requires: [x]").empty());
}

TEST_CASE("an include is the other file's flow with its parameters, beside the file that names it") {
  const Texts texts{
      {{"flows/f.yaml",
        "name: f\nparameters:\n  nodes: {default: [a, b]}\npattern: unordered\nnodes:\n"
        "  - {for_each: {n: $nodes}, include: parts/node.json, parameters: {name: $n}}\n"
        "  - {include: ./parts/../parts/node.json, when: false, parameters: {name: x}}\n"},
       {"flows/parts/node.json",
        R"({"name": "node-$name", "parameters": {"name": {"type": "string"}, "size": {"default": "s"}}, "pattern": "linear",)"
        R"( "nodes": [{"task": "boot", "name": "boot-$name", "inject": {"size": "$size"}}, {"include": "../last.yaml"}]})"},
       {"flows/last.yaml", "name: last\npattern: linear\nnodes: []\n"}}};
  const auto flow = compile(texts, {}, "flows/f.yaml").flow();
  CHECK(names_of(flow) == Names{"node-a", "node-b"});
  CHECK(
      json::serialize(flow.at("nodes").at(1)) ==
      R"({"flow":{"name":"node-b","pattern":"linear","nodes":[{"task":"boot","name":"boot-b","inject":{"size":"s"},"requires":["size"]},)"
      R"({"flow":{"name":"last","pattern":"linear","nodes":[]}}]}})");
}

TEST_CASE("a byte order mark and line ends of another system do no harm") {
  CHECK(names_of(compile("\xEF\xBB\xBFname: f\r\npattern: linear\r\nnodes:\r\n  - {task: echo, name: a}\r\n")
                     .flow()) == Names{"a"});
}

TEST_CASE("symbols that are given with the store have a provider") {
  const std::string text = "name: f\npattern: linear\nnodes:\n  - {task: echo, name: a, requires: [x]}\n";
  CHECK(compile(text).told().find("task 'a' requires 'x'") != std::string::npos);
  Given given;
  given.store.emplace("x", Value::of_number(1));
  CHECK(compile(text, given).result.ok());
}

TEST_CASE("places of atoms and task types are where they were written") {
  const auto compiled =
      compile("name: f\nretry: {policy: times}\npattern: linear\nnodes:\n  - {task: echo, name: a}\n").result;
  REQUIRE(compiled.ok());
  CHECK(compiled->atoms.at("a").line == 5);
  CHECK(compiled->atoms.at("a").column == 24);
  CHECK(compiled->atoms.at("f_retry").line == 2);
  CHECK(compiled->task_types.at("echo").column == 12);
}
