#include "flowfile/bundle.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace baton;
using flowfile::Bundle;

namespace {

namespace json = boost::json;

/// Files of a machine, by their paths.
flowfile::ReadText machine(std::map<std::string, std::string> texts) {
  return [texts = std::move(texts)](const std::string& path) -> Result<std::string, std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return Fail("cannot read '" + path + "'");
    return found->second;
  };
}

std::string including(const std::string& path) {
  return "name: f\npattern: linear\nnodes:\n  - {include: " + path + "}\n";
}
const std::string kTask = "name: g\npattern: linear\nnodes:\n  - {task: say, name: a}\n";

Bundle gathered(const std::string& path, const flowfile::ReadText& read) {
  const auto bundle = flowfile::gather(path, read);
  INFO((bundle.ok() ? "" : shown(bundle.error())));
  REQUIRE(bundle.ok());
  return *bundle;
}

std::string refused(const std::string& text) {
  const auto bundle = flowfile::bundle_from(json::parse(text));
  REQUIRE_FALSE(bundle.ok());
  return bundle.error().pointer + " " + bundle.error().what;
}

}  // namespace

TEST_CASE("a bundle has all that a file includes, wherever the file is, and means the same") {
  const auto read = machine({{"flows/f.yaml", including("parts/g.yaml")},
                             {"flows/parts/g.yaml", including("../../shared/h.yaml")},
                             {"flows/../shared/h.yaml", including("../flows/k.json")},
                             {"flows/../flows/k.json", R"({"name": "k", "pattern": "linear", "nodes": []})"},
                             {"flows/other.yaml", kTask}});
  const auto bundle = gathered("flows/f.yaml", read);
  CHECK(bundle.main == "f.yaml");
  std::vector<std::string> names;
  for (const auto& [path, text] : bundle.files) names.push_back(path);
  CHECK(names == std::vector<std::string>{"../flows/k.json", "../shared/h.yaml", "f.yaml", "parts/g.yaml"});
  CHECK(gathered(bundle.main, flowfile::from_bundle(bundle)) == bundle);
}

TEST_CASE("a bundle read from elsewhere says the same flow as the files that it was made of") {
  const auto read = machine({{"../up/f.yaml", including("g.yaml")}, {"../up/g.yaml", kTask}});
  const auto bundle = gathered("../up/f.yaml", read);
  const auto here = flowfile::compile_file(bundle.main, {}, flowfile::from_bundle(bundle));
  const auto there = flowfile::compile_file(
      "../up/f.yaml", {}, machine({{"../up/f.yaml", including("g.yaml")}, {"../up/g.yaml", kTask}}));
  REQUIRE(here.ok());
  REQUIRE(there.ok());
  CHECK(here->flow == there->flow);
}

TEST_CASE("a bundle is the same JSON for the same texts, and is read back") {
  const Bundle bundle{"f.yaml", {{"f.yaml", "a: \"ä\"\n"}, {"b/g.yaml", "\t\\"}}};
  CHECK(to_json(bundle) == R"({"main": "f.yaml", "files": {"b/g.yaml": "\t\\", "f.yaml": "a: \"ä\"\n"}})");
  const auto again = flowfile::bundle_from(json::parse(to_json(bundle)));
  REQUIRE(again.ok());
  CHECK(*again == bundle);
}

TEST_CASE("what is no bundle is refused with the place") {
  CHECK(refused(R"({"main": "a"})").starts_with("/files 'files' is missing"));
  CHECK(refused(R"({"main": "a", "files": []})").starts_with("/files "));
  CHECK(refused(R"({"main": "a", "files": {"a": 1}})") == "/files the text of file 'a' is no string");
  CHECK(refused(R"({"files": {"a": ""}})").starts_with("/main 'main' is missing"));
  CHECK(refused(R"({"main": "../a", "files": {"../a": ""}})").starts_with("/main "));
  CHECK(refused(R"({"main": "b", "files": {"a": ""}})") == "/main 'files' has no 'b'");
  CHECK(refused("7").starts_with("/files "));
}

TEST_CASE("a bundle's files are the only ones that it reads") {
  const auto missing = flowfile::check_file(
      "f.yaml", flowfile::from_bundle({"f.yaml", {{"f.yaml", including("/etc/hostname")}}}));
  REQUIRE_FALSE(missing.ok());
  CHECK_THAT(shown(missing.error()),
             Catch::Contains("f.yaml:4:15: cannot read '/etc/hostname': it is not among the files that were "
                             "sent: f.yaml"));
}

TEST_CASE("values of a command are read by the types that a file declares") {
  const auto read =
      machine({{"f.yaml",
                "name: f\nparameters:\n  ports: {type: list, items: integer}\n  name: {type: string}\n"
                "  left: {type: boolean, default: true}\npattern: linear\nnodes: []\n"}});
  const auto values = flowfile::read_parameters("f.yaml", {"ports=1,2", "name=7"}, read);
  REQUIRE(values.ok());
  CHECK(values->size() == 2);
  CHECK(values->at("ports").json() == "[1, 2]");
  CHECK(values->at("name").json() == "\"7\"");
  const auto wrong = flowfile::read_parameters("f.yaml", {"ports=a", "nmae=x"}, read);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().size() == 2);
}

TEST_CASE("a file says what it takes without being written out") {
  const auto about = flowfile::describe_file(
      "f.yaml",
      machine({{"f.yaml",
                "name: f\ndescription: does it\nparameters:\n  a: {}\n  b: {type: integer, default: 7}\n"
                "pattern: linear\nnodes:\n  - {task: say, name: $a}\n"}}));
  REQUIRE(about.ok());
  CHECK(about->name == "f");
  CHECK(about->description == "does it");
  REQUIRE(about->parameters.size() == 2);
  CHECK(about->parameters[0].required);
  CHECK(about->parameters[1].fallback.json() == "7");
}
