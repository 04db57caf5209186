#include <catch2/catch.hpp>

#include "common/modules/flow_parameters.h"

using namespace baton;
using namespace baton::modules;

namespace {

FlowParameters cluster() {
  auto parameters = FlowParameters::parse(R"([
      {"name": "nodes", "type": "list", "items": "string", "required": true},
      {"name": "image", "type": "string", "required": false, "default": "debian-12"},
      {"name": "size", "type": "integer", "required": false, "default": null}])");
  REQUIRE(parameters.ok());
  return parameters.value();
}

Value json(const std::string& text) {
  auto value = Value::parse(text);
  REQUIRE(value.ok());
  return value.value();
}

std::string bound(const std::string& args, const std::string& kwargs) {
  const auto result = cluster().bind("create-cluster", json(args), json(kwargs));
  return result.ok() ? std::string(result.value().json()) : "refused: " + result.error().message;
}

}  // namespace

TEST_CASE("parameters come by name or by position, and defaults fill the rest") {
  CHECK(bound("null", R"({"nodes":["a"]})") == R"({"nodes":["a"],"image":"debian-12","size":null})");
  CHECK(bound(R"([["a","b"],"alpine"])", "{}") == R"({"nodes":["a","b"],"image":"alpine","size":null})");
  CHECK(bound(R"([["a"]])", R"({"size":3})") == R"({"nodes":["a"],"size":3,"image":"debian-12"})");
  CHECK(bound("null", R"({"nodes":[],"size":null})") == R"({"nodes":[],"image":"debian-12","size":null})");
}

TEST_CASE("all that is wrong is said at once, with what was given and what is known") {
  CHECK(bound("null", R"({"nodes":3,"colour":"red","image":7})") ==
        "refused: flow 'create-cluster' refuses its parameters:\n"
        "  parameter 'nodes' is 3, expected: list of string\n"
        "  parameter 'colour' is unknown\n"
        "  parameter 'image' is 7, expected: string\n"
        "  parameters: nodes (list of string, required), image (string, default \"debian-12\"), "
        "size (integer, default null)\n"
        "  hint: correct the job's details.factory and post it again");
}

TEST_CASE("a refused parameter is named") {
  const auto says = [](const std::string& args, const std::string& kwargs) {
    const std::string text = bound(args, kwargs);
    const auto first = text.find('\n') + 3;
    return text.substr(first, text.find('\n', first) - first);
  };
  CHECK(says("null", "{}") == "parameter 'nodes' is missing, expected: list of string");
  CHECK(says("null", R"({"nodes":["a",5]})") ==
        "parameter 'nodes' is a list with 5 at index 1, expected: list of string");
  CHECK(says(R"([["a"]])", R"({"nodes":["b"]})") ==
        "parameter 'nodes' is given twice: by position and by name");
  CHECK(says(R"([["a"],"b",1,2])", "{}") == "it got 4 positional arguments, it takes 3");
  CHECK(says("null", R"({"nodes":[],"size":1.5})") == "parameter 'size' is 1.5E0, expected: integer");
  CHECK(says("7", "{}") == "'args' is 7, expected: list");
  CHECK(says("[[]]", "[]") == "'kwargs' is [], expected: object");
}

TEST_CASE("H15: a parameter that we do not know may be a newer version's, one of another type is not") {
  const auto unknown = [](const std::string& args, const std::string& kwargs) {
    const auto result = cluster().bind("create-cluster", json(args), json(kwargs));
    REQUIRE_FALSE(result.ok());
    return result.error().unknown;
  };
  CHECK(unknown("null", R"({"nodes": ["a"], "colour": "red"})"));
  CHECK(unknown("null", R"({"nodes": 3, "colour": "red"})"));
  CHECK(unknown(R"([["a"], "b", 1, 2])", "{}"));
  CHECK_FALSE(unknown("null", R"({"nodes": 3})"));
  CHECK_FALSE(unknown("null", "{}"));
}

TEST_CASE("a declaration that is none is refused for its author") {
  const auto refusal = [](std::string_view declared) {
    const auto parsed = FlowParameters::parse(declared);
    return parsed.ok() ? std::string("accepted") : parsed.error();
  };
  CHECK(refusal("") == "accepted");
  CHECK(refusal("{") == "the declared parameters are no JSON: it ends in the middle of a value");
  CHECK(refusal(R"([{"name": "a", "type": "text"}])") ==
        "parameter 'a' has an unknown type; known: any, string, integer, number, boolean, list, object");
  CHECK(refusal(R"([{"name": "a", "type": "any"}, {"name": "a", "type": "any"}])") ==
        "parameter 'a' is declared twice");
  CHECK(refusal(R"([{"name": "a", "type": "string", "required": false, "default": 1}])") ==
        "the default of parameter 'a' is 1, expected: string");
}

TEST_CASE("a refusal of parameters quotes what was given, bounded, and as a terminal may have it") {
  const auto parameters = FlowParameters::parse(R"([{"name": "a", "type": "integer"}])");
  REQUIRE(parameters.ok());
  const auto given = Value::parse("{\"a\": \"\x7F\", \"" + std::string(100'000, 'x') + "\\u001b\": 1}");
  REQUIRE(given.ok());
  const auto bound = parameters->bind("f", {}, given.value());
  REQUIRE_FALSE(bound.ok());
  CHECK(bound.error().message.find("parameter 'a' is \"?\"") != std::string::npos);
  CHECK(bound.error().message.find_first_of("\x7F\x1b") == std::string::npos);
  CHECK(bound.error().message.size() < 20'000);
}
