#include "flowfile/yaml_writer.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "common/model/value.h"
#include "flowfile/yaml_reader.h"

using namespace baton;
using flowfile::yaml_text;
namespace json = boost::json;

namespace {

/// What a reader of YAML makes of it, as JSON.
json::value read_back(const std::string& yaml) {
  flowfile::Problems problems;
  const auto source = std::make_shared<const flowfile::Source>(flowfile::Source{"answer.yaml", yaml});
  const auto node = flowfile::read_yaml(source, problems);
  CAPTURE(yaml, flowfile::shown(problems));
  REQUIRE(node);
  REQUIRE(problems.empty());
  return json::parse(flowfile::to_json(*node));
}

}  // namespace

TEST_CASE("YAML says what the JSON says") {
  const auto value = json::parse(R"({"jobs": [{"uuid": "u-1", "atoms": 3, "live": true, "failure": null,
      "nested": {"a": [1, [2, []], {}], "b c": -1.5}}], "next": "s17"})");
  CHECK(read_back(yaml_text(value)) == value);
  CHECK(yaml_text(json::parse(R"({"at": "2026-11-26T06:00:00Z", "on": "3ab6", "path": "/a/b"})")) ==
        "---\nat: \"2026-11-26T06:00:00Z\"\n\"on\": \"3ab6\"\npath: /a/b\n");
  CHECK(yaml_text(json::parse(R"({"uuid": "u-1", "atoms": [{"name": "a", "done": false}], "none": []})")) ==
        "---\nuuid: u-1\natoms:\n- name: a\n  done: false\nnone: []\n");
}

TEST_CASE("a text stays a text, whatever it looks like in YAML") {
  for (const std::string text :
       {"on",      "No",   "null", "~", "",   "0123", "12:30", "1e3",    "1.0", "true",
        "- a",     "a: b", "a #b", "'", "\"", "{a}",  "@a",    "a\nb\n", " a ", "2026-11-26",
        "ünï → …", "\t",   "<<",   "=", "*a", "&a",   "!a",    "%a",     "---", "..."}) {
    CAPTURE(text);
    const json::value value = json::object{{text.empty() ? "empty" : text, text}};
    CHECK(read_back(yaml_text(value)) == value);
  }
}

TEST_CASE("numbers are numbers in YAML 1.1 too") {
  const auto number = [](double value) { return yaml_text(json::value(value)); };
  CHECK(number(1e20) == "--- 1.0E+20\n");
  CHECK(number(1.5) == "--- 1.5E+0\n");
  CHECK(number(1e-9) == "--- 1.0E-9\n");
  CHECK(yaml_text(json::value(17)) == "--- 17\n");
}
