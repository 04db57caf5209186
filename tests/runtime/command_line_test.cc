#include "common/runtime/command_line.h"

#include <catch2/catch.hpp>
#include <sstream>

using namespace baton;
using namespace baton::runtime;

namespace {

constexpr Setting<std::int64_t> kSlots{
    .name = "worker.slots", .doc = "Tasks at a time.", .unit = "tasks", .fallback = 4, .min = 1, .max = 1024};
constexpr Setting<std::string> kName{.name = "worker.name", .doc = "For people.", .fallback = "w"};
constexpr Setting<std::string> kPassword{.name = "postgres.password", .doc = "Of the role.", .secret = true};

struct CommandLineTest {
  std::variant<Settings, ExitCode> start(std::vector<std::string> arguments) {
    const Program program{
        "baton-test",
        "Tests settings.",
        "1.2.3",
        {kSlots, kName, kPassword},
        "/nonexistent.toml",
        [](const Settings& given) { return given.get(kName) == "stolen" ? "worker.name: it is taken" : ""; }};
    return read_command_line(program, {std::move(arguments), [](const char*) { return nullptr; }}, out, err);
  }
  std::string refused(std::vector<std::string> arguments) {
    err.str("");
    REQUIRE(std::get<ExitCode>(start(std::move(arguments))) == ExitCode::Usage);
    CHECK(out.str().empty());
    return err.str();
  }
  std::ostringstream out, err;
};

}  // namespace

TEST_CASE_METHOD(CommandLineTest,
                 "settings can be given as --NAME and as --set NAME=VALUE, the former wins") {
  auto started = start({"--set", "worker.slots=2", "--set=worker.name=a=b", "--worker.slots", "3"});
  REQUIRE(std::holds_alternative<Settings>(started));
  CHECK(std::get<Settings>(started).get(kSlots) == 3);
  CHECK(std::get<Settings>(started).get(kName) == "a=b");
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(CommandLineTest, "unknown arguments and settings name the one that was meant") {
  CHECK(refused({"--worker.slot=3"}) ==
        "baton-test: unknown argument '--worker.slot=3'\n  did you mean '--worker.slots'?\n"
        "  --help lists all arguments\n");
  CHECK(refused({"--set", "worker.nam=x"}) ==
        "--set: unknown setting 'worker.nam'\n  did you mean 'worker.name'?\n  --help lists all settings\n");
  CHECK(refused({"--set", "worker.name"}) == "--set worker.name: expected NAME=VALUE\n");
  CHECK(refused({"--worker.slots", "0"}) ==
        "--worker.slots: worker.slots = \"0\": expected a whole number from 1 to 1024 (tasks)\n"
        "  worker.slots: Tasks at a time.\n");
  CHECK(refused({"stray"}).rfind("baton-test: unknown argument 'stray'", 0) == 0);
  CHECK(refused({"--postgres.password", "s3cret"}).find("s3cret") == std::string::npos);
  CHECK(refused({"--settings", "/nonexistent/a.toml"}).rfind("/nonexistent/a.toml: cannot read", 0) == 0);
}

TEST_CASE_METHOD(CommandLineTest, "the flag --help shows every setting with default, bounds and variable") {
  REQUIRE(std::get<ExitCode>(start({"--help"})) == ExitCode::Success);
  CHECK(out.str().find("--worker.slots") != std::string::npos);
  CHECK(out.str().find("[4; a whole number from 1 to 1024 (tasks); BATON_WORKER_SLOTS]") !=
        std::string::npos);
}

TEST_CASE_METHOD(CommandLineTest, "the flags --check-config and --print-config end without running") {
  REQUIRE(std::get<ExitCode>(start({"--check-config", "--worker.slots", "3"})) == ExitCode::Success);
  CHECK(out.str() == "baton-test: the settings are fine\n");
  out.str("");
  REQUIRE(std::get<ExitCode>(start({"--print-config", "--worker.slots", "3"})) == ExitCode::Success);
  CHECK(out.str() ==
        "postgres.password = \"\"  # default; a text; a secret: file or environment only\n"
        "worker.name = \"w\"  # default; a text\n"
        "worker.slots = 3  # --worker.slots; a whole number from 1 to 1024 (tasks); default 4\n");
}

TEST_CASE_METHOD(CommandLineTest, "the flag --check-config says what the program finds wrong beyond values") {
  CHECK(refused({"--check-config", "--worker.name", "stolen"}) == "baton-test: worker.name: it is taken\n");
  CHECK(std::holds_alternative<Settings>(start({"--worker.name", "stolen"})));  // a start finds it itself
}

TEST_CASE_METHOD(CommandLineTest, "the flag --version prints the version") {
  REQUIRE(std::get<ExitCode>(start({"--version"})) == ExitCode::Success);
  CHECK(out.str() == "1.2.3\n");
}
