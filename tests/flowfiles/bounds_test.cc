#include <unistd.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "flowfile/disk.h"
#include "flowfile/flow_file.h"
#include "flowfile/limits.h"

using namespace baton;
using namespace baton::flowfile;

namespace {

std::string told(const std::function<std::string(const std::string&)>& text_of) {
  const auto compiled = compile_file(
      "0.yaml", {},
      [&](const std::string& path) -> Result<std::string, std::string> { return text_of(path); });
  return compiled.ok() ? "" : shown(compiled.error());
}
std::string told(const std::string& text) {
  return told([&](const std::string&) { return text; });
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string flow_of(const std::string& nodes, const std::string& head = "") {
  return "name: f\n" + head + "pattern: unordered\nnodes:\n" + nodes;
}

std::string list_of(std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i ? ", " : "") + std::to_string(i);
  return list + "]";
}

/// n * (n + 1) tasks and flows.
std::string square(const std::string& list) {
  return flow_of("  - for_each: {a: " + list +
                 "}\n    flow:\n      name: f-$a\n      pattern: unordered\n      nodes:\n"
                 "        - {for_each: {b: " +
                 list + "}, task: echo, name: $a-$b}\n");
}

/// 0.yaml includes 1.yaml, that one 2.yaml, …
std::string chain(const std::string& path, std::size_t last) {
  const auto number = std::stoul(path);
  return flow_of(number == last ? "  []\n" : "  - {include: " + std::to_string(number + 1) + ".yaml}\n");
}

}  // namespace

TEST_CASE("a file of more bytes than the limit is refused, one of as many is read") {
  std::string text = flow_of("  []\n#");
  text += std::string(kFileBytesMax - text.size(), 'x');
  CHECK(told(text).empty());
  CHECK(says(told(text + "x"), "0.yaml: the file has 4194305 bytes, the limit is 4194304"));
}

TEST_CASE("nesting is bound, in YAML as in JSON") {
  const auto deep = [](std::size_t depth) {  // the flow, nodes, the node, inject
    return flow_of("  - {task: echo, name: a, inject: {x: " + std::string(depth - 4, '[') +
                   std::string(depth - 4, ']') + "}}\n");
  };
  CHECK(says(told(deep(kDepthMax + 1)), "nested deeper than 256 levels"));
  CHECK_FALSE(says(told(deep(kDepthMax)), "nested deeper than 256 levels"));
}

TEST_CASE("values that aliases write out are counted") {
  std::string text = "a: &a [" + std::string("x, x, x, x, x, x, x, x, x, x") + "]\n";
  for (char c = 'b'; c < 'l'; ++c) {
    const std::string before = std::string("*") + static_cast<char>(c - 1);
    text += std::string(1, c) + ": &" + c + " [" + before;
    for (int i = 0; i < 9; ++i) text += ", " + before;
    text += "]\n";
  }
  CHECK(says(told(text), "the file has more than 1000000 values, aliases written out"));
}

TEST_CASE("files are included so deep and no deeper") {
  CHECK(told([](const std::string& path) { return chain(path, kIncludeDepthMax - 1); }).empty());
  CHECK(says(told([](const std::string& path) { return chain(path, kIncludeDepthMax); }),
             "15.yaml:4:15: files are included deeper than 16 levels"));
}

TEST_CASE("so many files and no more") {
  std::string all;
  for (std::size_t i = 1; i <= kFilesMax; ++i) all += "  - {include: " + std::to_string(i) + ".yaml}\n";
  const auto text_of = [&](const std::string& path) { return flow_of(path == "0.yaml" ? all : "  []\n"); };
  CHECK(says(told(text_of), "the flow is made of more than 1000 files"));
}

TEST_CASE("tasks and flows that are written out are counted") {
  CHECK(says(told(square(list_of(450))), "more than 200000 tasks and flows when it is written out"));
}

TEST_CASE("includes that double at each level end at the same bound") {
  const auto text_of = [](const std::string& path) {
    const auto number = std::stoul(path);
    const std::string next = "  - {include: " + std::to_string(number + 1) + ".yaml}\n";
    std::string nodes;
    for (int i = 0; i < 8; ++i) nodes += next;
    return flow_of(number == 15 ? "  []\n" : nodes);
  };
  CHECK(says(told(text_of), "more than 200000 tasks and flows when it is written out"));
}

TEST_CASE("flows nest so deep and no deeper, includes counted") {
  const auto text_of = [](std::size_t more) {
    return [more](const std::string& path) {
      const auto number = std::stoul(path);
      std::string text =
          number < 9 ? "{include: " + std::to_string(number + 1) + ".yaml}" : "{task: echo, name: a}";
      const std::size_t flows = number == 0 ? 7 + more : 7;  // ten files of one flow and seven inside it
      for (std::size_t i = 0; i < flows; ++i)
        text = "{flow: {name: g, pattern: linear, nodes: [" + text + "]}}";
      return flow_of("  - " + text + "\n");
    };
  };
  CHECK(told(text_of(0)).empty());
  CHECK(says(told(text_of(1)), "flows are nested deeper than 80, includes counted"));
}

TEST_CASE("a text with its parameters put in is bound") {
  const std::string long_text(1000, 'x');
  std::string many;
  for (int i = 0; i < 1100; ++i) many += "$a";
  CHECK(says(told(flow_of("  - {task: echo, name: a, inject: {x: '" + many + "'}}\n",
                          "parameters:\n  a: {default: " + long_text + "}\n")),
             "the text has more than 1048576 bytes with its parameters put in"));
}

TEST_CASE("values and texts that names write out are counted") {
  const std::string hosts = "parameters:\n  nodes: {default: " + list_of(1'500) + "}\n";
  CHECK(says(
      told(flow_of("  - {for_each: {n: $nodes}, task: echo, name: a-$n, inject: {peers: $nodes}}\n", hosts)),
      "the flow has more than 2000000 values when it is written out"));
  const std::string text = "parameters:\n  text: {default: " + std::string(kMiB, 'x') + "}\n";
  const auto times = [&](std::size_t count, const std::string& value) {
    return told(flow_of(
        "  - {for_each: {n: " + list_of(count) + "}, task: echo, name: a-$n, inject: {x: " + value + "}}\n",
        text));
  };
  const std::string too_much = "the flow has more than 67108864 bytes of text when it is written out";
  CHECK(says(times(65, "$text"), too_much));
  CHECK(says(times(65, "'${text}'"), too_much));
  CHECK(says(times(65, "{$text: 1}"), too_much));
}

TEST_CASE("what an include gives its parameters is counted each time") {
  const auto text_of = [](const std::string& path) {
    if (path != "0.yaml") return flow_of("  []\n", "parameters:\n  x: {default: " + list_of(3'000) + "}\n");
    return flow_of("  - {for_each: {n: " + list_of(700) + "}, include: 1.yaml}\n");
  };
  CHECK(says(told(text_of), "the flow has more than 2000000 values when it is written out"));
}

TEST_CASE("text that aliases write out is counted") {
  const auto aliases = [](std::size_t count) {
    std::string text =
        "  - task: echo\n    name: a\n    inject:\n      a: &a " + std::string(kMiB, 'x') + "\n      b: [*a";
    for (std::size_t i = 1; i < count; ++i) text += ", *a";
    return told(flow_of(text + "]\n"));
  };
  CHECK_FALSE(says(aliases(15), "aliases written out"));  // and the anchor's own copy
  CHECK(says(aliases(16), "the file has more than 16777216 bytes of text, aliases written out"));
}

TEST_CASE("what each of nested anchors keeps is counted") {
  const auto nested = [](std::size_t depth) {
    std::string text, end;
    for (std::size_t i = 0; i < depth; ++i) text += "&a" + std::to_string(i) + " [", end += "]";
    return told(flow_of("  - {task: echo, name: a, inject: {x: " + text + list_of(10'000) + end + "}}\n"));
  };
  CHECK_FALSE(says(nested(90), "aliases written out"));
  CHECK(says(nested(110), "the file has more than 1000000 values, aliases written out"));
}

TEST_CASE("the files of a flow are bound together") {
  const auto flow = [](std::size_t files) {
    return told([files](const std::string& path) {
      std::string all;
      for (std::size_t i = 1; i <= files; ++i) all += "  - {include: " + std::to_string(i) + ".yaml}\n";
      if (path == "0.yaml") return flow_of(all);
      return flow_of("  []\n#" + std::string(kFileBytesMax - 100, 'x') + "\n");
    });
  };
  CHECK(says(flow(17), "17.yaml: with this file those of the flow have more than 67108864 bytes of text"));
}

TEST_CASE("a file's text takes the room that it needs") {
  const auto path =
      std::filesystem::temp_directory_path() / ("baton-text-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << flow_of("  []\n");
  const auto text = from_disk()(path.string());
  std::filesystem::remove(path);
  REQUIRE(text.ok());
  CHECK(text->capacity() < kKiB);
}

TEST_CASE("the ends of very many links are found in a moment") {
  std::string nodes, links = "links:\n";
  for (int i = 0; i < 40'000; ++i) {
    nodes += "  - {task: t, name: n" + std::to_string(i) + "}\n";
    if (i > 0) links += "  - {from: n" + std::to_string(i - 1) + ", to: n39999}\n";
  }
  const auto begun = std::clock();
  CHECK_FALSE(says(told("name: f\npattern: graph\nnodes:\n" + nodes + links), "no node of this flow"));
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 20);
}

namespace {

/// No quadratic step, at -O0 and with sanitizers.
std::string told_in_a_moment(const std::function<std::string(const std::string&)>& text_of) {
  const auto begun = std::clock();
  auto all = told(text_of);
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 20);
  return all;
}
std::string told_in_a_moment(const std::string& text) {
  return told_in_a_moment([&](const std::string&) { return text; });
}

std::string repeated(std::size_t count, const std::function<std::string(const std::string& number)>& part) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part(std::to_string(i));
  return text;
}

}  // namespace

TEST_CASE("very many links to what is not there are told in a moment, with the names that were meant") {
  const auto nodes =
      repeated(10'000, [](const auto& number) { return "  - {task: t, name: node" + number + "}\n"; });
  const auto links =
      repeated(10'000, [](const auto& number) { return "  - {from: nodd" + number + ", to: node9999}\n"; });
  const auto all = told_in_a_moment("name: f\npattern: graph\nnodes:\n" + nodes + "links:\n" + links);
  CHECK(says(all, "a link to 'nodd99', which is no node of this flow"));
  CHECK(says(all, "did you mean 'node99'?"));
  CHECK(says(all, "… and 9900 more"));
}

TEST_CASE("the first byte that is no UTF-8 is found in a moment, on however long a line") {
  const auto columns = 256 * kKiB;
  const auto text = flow_of("  []\n#" + std::string(columns, 'x') + "\xC3\xA9\xFF\n");
  CHECK(says(told_in_a_moment(text),
             "0.yaml:5:" + std::to_string(columns + 3) + ": the file is not UTF-8 here"));
  CHECK(says(told("name: f\n\x80"), "0.yaml:2:1: the file is not UTF-8 here"));
  CHECK(says(told("name: \xC3\xA9\xC3\n"), "0.yaml:1:8: the file is not UTF-8 here"));
  CHECK(says(told("n\x7F: \xFF\n"), "\n    n : \xEF\xBF\xBD\n        ^"));
}

TEST_CASE("very many names are known in a moment") {
  constexpr std::size_t kCount = 30'000;
  const auto parameters = "parameters:\n" + repeated(kCount, [](const auto& number) {
                            return "  p" + number + ": {default: v" + number + "}\n";
                          });
  const auto nodes = repeated(kCount, [](const auto& number) {
    return "  - {task: t, name: a" + number + ", inject: {x: $p" + number + "}}\n";
  });
  CHECK(told_in_a_moment(flow_of(nodes, parameters)).empty());
}

TEST_CASE("very many names that nobody declared are told in a moment, with those that were meant") {
  constexpr std::size_t kCount = 5'000;
  const auto parameters = "parameters:\n" + repeated(kCount, [](const auto& number) {
                            return "  name" + number + ": {default: v}\n";
                          });
  const auto nodes = repeated(kCount, [](const auto& number) {
    return "  - {task: t, name: a" + number + ", inject: {x: $nane" + number + "}}\n";
  });
  const auto all = told_in_a_moment(flow_of(nodes, parameters));
  CHECK(says(all, "'$nane99': there is no parameter 'nane99'"));
  CHECK(says(all, "did you mean '$name99'?"));
  CHECK(says(all, "… and 4900 more"));
}

TEST_CASE(
    "very many parameters that an include gives are found in a moment, and so are those that it lacks") {
  constexpr std::size_t kCount = 4'000;
  const auto declared =
      flow_of("  - {task: t, name: a}\n", "parameters:\n" + repeated(kCount, [](const auto& number) {
                                            return "  name" + number + ": {default: v}\n";
                                          }));
  const auto include = [](const std::string& name) {
    return flow_of("  - include: 1.yaml\n    parameters: {" +
                   repeated(kCount, [&](const auto& number) { return name + number + ": w, "; }) + "}\n");
  };
  const auto told_with = [&](const std::string& name) {
    return told_in_a_moment(
        [&](const std::string& path) { return path == "0.yaml" ? include(name) : declared; });
  };
  CHECK(told_with("name").empty());
  const auto all = told_with("nane");
  CHECK(says(all, "the flow has no parameter 'nane99'"));
  CHECK(says(all, "did you mean 'name99'?"));
}

TEST_CASE("very many keys that names become are compared in a moment") {
  const auto keys = repeated(60'000, [](const auto& number) { return "$p-" + number + ": 1, "; });
  CHECK(told_in_a_moment(flow_of("  - {task: t, name: a, inject: {x: {" + keys + "y: 1}}}\n",
                                 "parameters: {p: {default: k}}\n"))
            .empty());
}

TEST_CASE("of very many mistakes the first hundred are told, and how many there are") {
  std::string nodes;
  for (int i = 0; i < 250; ++i) nodes += "  - {task: echo, name: a" + std::to_string(i) + ", provide: x}\n";
  const auto text = told(flow_of(nodes));
  CHECK(says(text, "… and 150 more"));
}

TEST_CASE("a hundred thousand tasks are written out in a moment") {
  const auto begun = std::clock();
  CHECK(told(square(list_of(300))).empty());            // 90,300
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 20);  // no quadratic step, at -O0 and with sanitizers
}

TEST_CASE("many problems of one very long line are told in a moment") {
  std::string text = R"({"name": "f", "pattern": "linear", "nodes": [)";
  for (std::size_t i = 0; i <= kProblemsMax; ++i) text += R"({"tusk": 1}, )";
  text += R"({"task": "t", "name": "a", "inject": {"x": ")" + std::string(kFileBytesMax / 4, 'x') + "\"}}]}";
  const auto begun = std::clock();
  const auto problems = told(text);
  CHECK(says(problems, "0.yaml:1:46: "));
  CHECK(says(problems, "more"));
  CHECK(problems.size() < 100'000);
  CHECK(std::clock() - begun < 2 * CLOCKS_PER_SEC);
}
