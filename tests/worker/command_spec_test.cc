#include "worker/command_spec.h"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

using namespace baton;
using namespace baton::worker;

namespace {

constexpr const char* kKnown = "\n  known: argv, revert_argv, env, cwd, timeout_ms, stdout";

std::string refusal(const std::string& json) {
  const auto spec = CommandSpec::read(boost::json::parse(json).as_object(), true);
  return spec.ok() ? "accepted" : spec.error();
}

struct SettingsFile {
  std::string path = "/tmp/baton-commands-" + std::to_string(::getpid()) + ".json";
  ~SettingsFile() { std::remove(path.c_str()); }
  std::string refusal(const std::string& text) const {
    std::ofstream(path) << text;
    const auto commands = read_commands_file(path);
    return commands.ok() ? "accepted" : commands.error().substr(path.size());
  }
};

}  // namespace

TEST_CASE("a command is read whole") {
  const auto spec = CommandSpec::read(boost::json::parse(R"({"argv": ["a", "b"], "revert_argv": ["c"],
    "env": {"X": "1"}, "cwd": "/tmp", "timeout_ms": 1500, "stdout": "text"})")
                                          .as_object(),
                                      true);
  REQUIRE(spec.ok());
  CHECK(spec->argv == std::vector<std::string>{"a", "b"});
  CHECK(spec->revert_argv == std::vector<std::string>{"c"});
  CHECK(spec->env.at("X") == "1");
  CHECK(spec->cwd == "/tmp");
  CHECK(spec->timeout == Millis{1500});
  CHECK(spec->text_result);
  CHECK_FALSE(CommandSpec::read(boost::json::parse(R"({"argv": ["a"], "stdout": "json"})").as_object(), true)
                  ->text_result);
}

TEST_CASE("a command that cannot be run is refused with the member and what is known") {
  CHECK(refusal("{}") == std::string("'argv' is missing, the program and its arguments") + kKnown);
  CHECK(refusal(R"({"argv": []})") ==
        std::string("'argv' is [], expected: a list of strings, not empty") + kKnown);
  CHECK(refusal(R"({"argv": ["a"], "shell": true})") ==
        std::string("'shell' is no member of a command") + kKnown);
  CHECK(refusal(R"({"argv": ["a"], "timeout_ms": 0})") ==
        std::string("'timeout_ms' is 0, expected: milliseconds from 1 to 2592000000") + kKnown);
  CHECK(refusal(R"({"argv": ["a"], "env": {"A=B": "c"}})") ==
        std::string("'env' has A=B, expected: names without '=' and strings (what they are is not told)") +
            kKnown);
  CHECK(refusal(R"({"argv": ["a"], "env": {"PASSWORD": 5}})").find('5') == std::string::npos);
  CHECK(refusal(R"({"argv": ["a"], "env": "secret"})").find("secret") == std::string::npos);
  CHECK(refusal(R"({"argv": ")" + std::string(1'000'000, 'x') + "\"}").size() < 500);
  CHECK(refusal(R"({"argv": ["a"], "cwd": 1})") == std::string("'cwd' is 1, expected: a folder") + kKnown);
  CHECK(refusal(R"({"argv": ["a"], "stdout": "xml"})") ==
        std::string(R"('stdout' is "xml", expected: json or text)") + kKnown);
}

TEST_CASE("what is wrong in a command is told bounded, and no terminal obeys it") {
  const std::string control = "a\\u001b[2J\\u009b";
  CHECK(refusal("{\"" + control + "\": 1}") == std::string("'a?[2J?' is no member of a command") + kKnown);
  const std::string text(10'000, 'x');
  for (const std::string member : {"argv", "cwd", "timeout_ms", "env"})
    CHECK(refusal("{\"" + member + "\": [\"" + text + "\", 1]}").size() < 300);
  CHECK(refusal("{\"argv\": [\"a\"], \"env\": {\"" + text + "\": 1}}").size() < 400);
}

TEST_CASE_METHOD(SettingsFile, "a file of commands says where it is wrong") {
  CHECK(refusal(R"({"cluster.configure": {"argv": ["configure"]}})") == "accepted");
  CHECK(refusal("{") == ": it ends in the middle of a value (at byte 1)");
  CHECK(refusal("[]") == ": expected an object {\"task type\": {\"argv\": [\"program\", …]}, …}");
  CHECK(refusal(R"({"cluster.configure": {"argv": 1}})") ==
        ": command 'cluster.configure': 'argv' is 1, expected: a list of strings, not empty" +
            std::string(kKnown));
  CHECK_THAT(read_commands_file("/nowhere/commands.json").error(),
             Catch::StartsWith("/nowhere/commands.json: cannot be read: No such file or directory\n  hint:"));
}
