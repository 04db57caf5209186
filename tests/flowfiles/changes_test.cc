#include "flowfile/changes.h"

#include <catch2/catch.hpp>

using namespace baton;

namespace {

flowfile::Compiled compiled(const std::string& flow) {
  auto compiled = flowfile::compile_file("f.yaml", {}, [&](const std::string&) {
    return Result<std::string, std::string>("name: f\npattern: linear\n" + flow);
  });
  INFO((compiled.ok() ? "" : shown(compiled.error())));
  REQUIRE(compiled.ok());
  return std::move(compiled).value();
}

using Lines = std::vector<std::string>;

Lines changes(const std::string& before, const std::string& after) {
  Lines lines;
  for (const auto& change : flowfile::changes_between(compiled(before), compiled(after)))
    lines.push_back(shown(change));
  return lines;
}

const std::string kA = "  - {task: t, name: a}\n", kB = "  - {task: t, name: b}\n";

}  // namespace

TEST_CASE("tasks that are added, removed or changed are told by name, and what comes after others") {
  CHECK(changes("nodes:\n" + kA + kB, "nodes:\n" + kA + kB).empty());
  CHECK(changes("nodes:\n" + kA, "nodes:\n" + kA + "  - {task: u, name: c}\n") == Lines{"+ task c (u)"});
  CHECK(changes("nodes:\n" + kA + kB, "nodes:\n" + kB) == Lines{"- task a (t)", "~ task b (t): order"});
  CHECK(changes("nodes:\n" + kA + kB, "nodes:\n" + kB + kA) ==
        Lines{"~ task b (t): order", "~ task a (t): order"});
  CHECK(changes("nodes:\n" + kA,
                "nodes:\n  - {task: u, name: a, timeouts: {start_to_close: 1s}, inject: {x: 1}}\n") ==
        Lines{"~ task a (u): inject, requires, timeouts, type"});
}

TEST_CASE("only what is written otherwise and means the same is no change of the flow") {
  CHECK(changes("nodes:\n" + kA, "# a word\nnodes: [{name: a, task: t}]\n").empty());
  CHECK(changes("nodes:\n  - {task: t, name: a, inject: {x: 60}}\n",
                "nodes:\n  - for_each: {x: [60]}\n    task: t\n    name: a\n    inject: {x: $x}\n")
            .empty());
}

TEST_CASE("retries and flows are told as such") {
  const std::string inside =
      "nodes:\n  - flow:\n      name: g\n      pattern: linear\n      nodes:\n      " + kA;
  CHECK(changes("retry: {policy: times, attempts: 2}\nnodes:\n" + kA,
                "retry: {policy: times, attempts: 3}\nnodes:\n" + kA) == Lines{"~ retry f_retry: attempts"});
  CHECK(changes("nodes:\n" + kA, "retry: {policy: times, attempts: 3}\nnodes:\n" + kA) ==
        Lines{"+ retry f_retry", "~ task a (t): order"});
  CHECK(changes("nodes:\n" + kA, inside) == Lines{"+ flow g", "~ task a (t): flow"});
}

TEST_CASE("flows of one name are told apart, and links are their flow's") {
  const auto twice = [](const std::string& type) {
    return "nodes:\n  - {flow: {name: g, pattern: linear, nodes: [{task: t, name: a}]}}\n"
           "  - {flow: {name: g, pattern: graph, nodes: [{task: t, name: b}, {task: " +
           type + ", name: c}]}}\n";
  };
  CHECK(changes(twice("t"), twice("u")) == Lines{"~ task c (u): type"});
  const std::string graph =
      "nodes:\n  - {flow: {name: g, pattern: graph, nodes: [{task: t, name: a}, {task: t, name: b}]";
  CHECK(changes(graph + "}}\n", graph + ", links: [{from: a, to: b}]}}\n") ==
        Lines{"~ flow g: links", "~ task b (t): order"});
}
