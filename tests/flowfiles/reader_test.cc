#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "flowfile/duration.h"
#include "flowfile/json_reader.h"
#include "flowfile/wording.h"
#include "flowfile/yaml_reader.h"

using namespace baton;
using namespace baton::flowfile;

namespace {

SourcePtr source(const std::string& text, const std::string& path = "f.yaml") {
  return std::make_shared<const Source>(Source{path, text});
}

std::string yaml_as_json(const std::string& text) {
  Problems problems;
  const auto node = read_yaml(source(text), problems);
  return problems.empty() && node ? to_json(*node)
                                  : "refused: " + (problems.empty() ? "" : problems.front().what);
}

/// "line:column what" of the first mistake.
std::string yaml_first(const std::string& text) {
  Problems problems;
  read_yaml(source(text), problems);
  if (problems.empty()) return "no mistake";
  const auto& [at, what, hint] = problems.front();
  return std::to_string(at.line) + ":" + std::to_string(at.column) + " " + what;
}

std::string places(const Node& node) {
  std::string text = std::to_string(node.at.line) + ":" + std::to_string(node.at.column);
  for (const Node& item : node.items) text += " " + places(item);
  for (const auto& [key, at, value] : node.members)
    text += " " + key + "@" + std::to_string(at.line) + ":" + std::to_string(at.column) + "=" + places(value);
  return text;
}

}  // namespace

TEST_CASE("a value without quotes is what YAML 1.2 says, where 1.1 says the same") {
  const std::map<std::string, std::string> values{{"", "null"},
                                                  {"~", "null"},
                                                  {"null", "null"},
                                                  {"true", "true"},
                                                  {"False", "false"},
                                                  {"0", "0"},
                                                  {"-7", "-7"},
                                                  {"+7", "7"},
                                                  {"1.50", "1.50"},
                                                  {".5", "0.5"},
                                                  {"5.", "5.0"},
                                                  {"-.5", "-0.5"},
                                                  {"1.0e+3", "1.0e+3"},
                                                  {"0x1F", "31"},
                                                  {"-0x10", "-16"},
                                                  {"0.5", "0.5"},
                                                  {"18446744073709551616", "18446744073709551616"},
                                                  {"abc", R"("abc")"},
                                                  {"1.2.3", R"("1.2.3")"},
                                                  {"10.0.0.1", R"("10.0.0.1")"},
                                                  {"2026-11-26", R"("2026-11-26")"},
                                                  {"y", R"("y")"},
                                                  {"n", R"("n")"},
                                                  {"v1", R"("v1")"},
                                                  {"1a", R"("1a")"},
                                                  {"-", R"(refused)"},
                                                  {"a:b", R"("a:b")"},
                                                  {"10:00:70", R"("10:00:70")"},
                                                  {"x_1", R"("x_1")"},
                                                  {"e5", R"("e5")"},
                                                  {".", R"(".")"},
                                                  {"+", R"("+")"},
                                                  {"0x", R"("0x")"},
                                                  {"0xg", R"("0xg")"}};
  for (const auto& [written, json] : values) {
    CAPTURE(written);
    if (json == "refused")
      CHECK(yaml_as_json("a: " + written).starts_with("refused"));
    else
      CHECK(yaml_as_json("a: " + written) == "{\"a\": " + json + "}");
  }
}

TEST_CASE("what YAML 1.1 and 1.2 read as different values is refused, and a text in quotes") {
  for (const std::string written :
       {"yes", "Yes", "NO", "on", "Off", "0123", "-017", "0o17", "0b11", "1_000", "12:30", "190:20:30", "1e3",
        "12E03", ".inf", "-.INF", ".NaN", "00.5", "1.0e999"}) {
    CAPTURE(written);
    CHECK(yaml_as_json("a: " + written).starts_with("refused: '" + written + "' "));
    CHECK(yaml_as_json("a: \"" + written + "\"") == "{\"a\": \"" + written + "\"}");
    CHECK(yaml_as_json("a: !!str " + written) == "{\"a\": \"" + written + "\"}");
  }
}

TEST_CASE("YAML and JSON give one tree, with its places") {
  const std::string json = "{\n  \"a\": [1, {\"b\": \"x\"}],\n  \"c\": null\n}";
  Problems problems;
  const auto from_json = read_json(source(json, "f.json"), problems);
  const auto from_yaml = read_yaml(source(json), problems);
  REQUIRE((problems.empty() && from_json && from_yaml));
  CHECK(to_json(*from_json) == to_json(*from_yaml));
  CHECK(places(*from_json) == "1:1 a@2:3=2:8 2:9 2:12 b@2:13=2:18 c@3:3=3:8");
  CHECK(places(*from_yaml) == places(*from_json));
}

TEST_CASE("a place is in the lines that people see, where YAML ends more of them") {
  const std::string nel = "\xC2\x85", separator = "\xE2\x80\xA8", paragraph = "\xE2\x80\xA9";
  CHECK(yaml_first("a: %b") == "1:4 a text without quotes cannot begin with '%'");
  CHECK(yaml_first("\r \r a: \r %b") == "1:10 a text without quotes cannot begin with '%'");
  CHECK(yaml_first("name: f\rx: 1\npattern: @x\nzzzzzzzzzZ: 2\n") ==
        "2:10 a text without quotes cannot begin with '@'");
  CHECK(yaml_first("a: 1\r\nb: 2\r\nc: `d\r\n") == "3:4 a text without quotes cannot begin with '`'");
  for (const auto& end : {std::string("\r"), nel, separator, paragraph}) {
    CAPTURE(end);
    CHECK(yaml_first("about: \"one" + end + "two\"\nb: 1\n\xC3\xBC: yes") ==
          "3:4 'yes' is a boolean in YAML 1.1 and a text in YAML 1.2");
    CHECK(yaml_first("a: 1" + end + "b: 2" + end + "a: 3") == "1:11 'a' is here twice, first in line 1");
  }
  CHECK(yaml_first("a: 1\n\"b") == "2:1 the text that begins here has no closing quote");
  CHECK(yaml_first("a: [1,\n") == "2:1 a value is missing here");
  CHECK(yaml_first("a: 1\n\xC3\xBC \x01") ==
        "2:3 a character that no text has: control characters are not allowed");
}

TEST_CASE("a key that is here twice is told as a terminal may have it") {
  CHECK(yaml_as_json("k: 1\nk: 2") == "refused: 'k' is here twice, first in line 1");
  CHECK(yaml_as_json("\"k\\e[2J\": 1\n\"k\\e[2J\": 2").find('\x1b') == std::string::npos);
}

TEST_CASE("columns count characters, not bytes") {
  Problems problems;
  const auto json =
      read_json(source("{\"\xC3\xBC\": 1, \"\xF0\x9F\x98\x80\": 2, \"k\": 3}", "f.json"), problems);
  const auto yaml = read_yaml(source("{\xC3\xBC: 1, \xF0\x9F\x98\x80: 2, k: 3}"), problems);
  REQUIRE((problems.empty() && json && yaml));
  CHECK(json->member("k")->at.column == 18);
  CHECK(yaml->member("k")->at.column == 14);
}

TEST_CASE("JSON's surrogate pairs and numbers come out as they were written") {
  Problems problems;
  const std::string text =
      R"({"smile": "\ud83d\ude00", "umlaut": "\u00fc", "big": 18446744073709551617, "tiny": 1.50e-3})";
  const auto node = read_json(source(text, "f.json"), problems);
  REQUIRE((problems.empty() && node));
  CHECK(node->find("smile")->text == "\xF0\x9F\x98\x80");
  CHECK(node->find("umlaut")->text == "\xC3\xBC");
  CHECK(node->find("big")->text == "18446744073709551617");
  CHECK(node->find("tiny")->text == "1.50e-3");
  CHECK(boost::json::parse(to_json(*node)).at("smile") == boost::json::parse(text).at("smile"));
}

TEST_CASE("keys with quotes and commas in JSON have the place where they stand") {
  Problems problems;
  const auto node = read_json(source(R"({"a\",:": {"]": "}"}, "b{": [","]})", "f.json"), problems);
  REQUIRE((problems.empty() && node));
  CHECK(places(*node) == "1:1 a\",:@1:2=1:11 ]@1:12=1:17 b{@1:23=1:29 1:30");
}

TEST_CASE("an alias is its anchor's value, written out") {
  CHECK(yaml_as_json("a: &x {k: [1]}\nb: *x\nc: &t text\nd: *t") ==
        R"({"a": {"k": [1]}, "b": {"k": [1]}, "c": "text", "d": "text"})");
  CHECK(yaml_as_json("a: &x [*x]").starts_with("refused: the alias '*x' has no anchor before it"));
}

TEST_CASE("block texts, folded lines and a byte order mark are what YAML says") {
  CHECK(yaml_as_json("a: |\n  one\n  two\nb: >\n  one\n  two\n") ==
        R"({"a": "one\ntwo\n", "b": "one two\n"})");
}

TEST_CASE("durations are a number and a unit") {
  const std::map<std::string, std::int64_t> good{{"500ms", 500},    {"30s", 30'000},    {"1.5m", 90'000},
                                                 {"2h", 7'200'000}, {"1d", 86'400'000}, {"0.5s", 500}};
  for (const auto& [text, millis] : good) {
    CAPTURE(text);
    REQUIRE(read_duration(text));
    CHECK(read_duration(text)->count() == millis);
  }
  for (const char* text :
       {"", "30", "s", "30 s", "-1s", "0s", "1e3s", "nan", "inf", "10y", "99999d", "30S", "0.1ms"}) {
    CAPTURE(text);
    CHECK_FALSE(read_duration(text));
  }
}

TEST_CASE("a misspelt name finds the one that was meant, a foreign one finds none") {
  const std::vector<std::string> known{"name", "pattern", "retry", "nodes", "on_worker_loss"};
  CHECK(nearest("patern", known) == "pattern");
  CHECK(nearest("ndoes", known) == "nodes");
  CHECK(nearest("Name", known) == "name");
  CHECK(nearest("on-worker-loss", known) == "on_worker_loss");
  CHECK_FALSE(nearest("depends_on", known));
  CHECK_FALSE(nearest("", known));
}
