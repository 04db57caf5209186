#include "common/runtime/settings.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::runtime;

namespace {

constexpr Setting<std::int64_t> kSlots{
    .name = "worker.slots", .doc = "Tasks at a time.", .unit = "tasks", .fallback = 4, .min = 1, .max = 1024};
constexpr Setting<Millis> kPause{
    .name = "worker.pause_ms", .doc = "Longest pause.", .fallback = 500ms, .min = 10ms, .max = 60'000ms};
constexpr Setting<std::string> kName{.name = "worker.name", .doc = "For people.", .fallback = "w"};
constexpr Setting<std::string> kMode{
    .name = "worker.mode", .doc = "How tasks run.", .fallback = "thread", .choices = "serial|thread|process"};
constexpr Setting<std::string> kPassword{
    .name = "postgres.password", .doc = "Of the role.", .fallback = "", .secret = true};
constexpr Setting<bool> kApi{.name = "api.enabled", .doc = "Serve HTTP.", .fallback = true};
constexpr Setting<std::vector<std::string>> kModules{.name = "worker.modules",
                                                     .doc = "Task modules to load."};

/// A settings file that is gone after the test.
class SettingsTest {
 public:
  ~SettingsTest() { std::filesystem::remove(path); }

  std::string file(const std::string& text) {
    std::ofstream(path) << text;
    return path;
  }
  /// The message without the file's folder.
  std::string refused(const std::string& text) {
    const auto read = settings.read_file(file(text));
    REQUIRE_FALSE(read);
    std::string message = read.error().message;
    REQUIRE(message.rfind(path, 0) == 0);
    return message.replace(0, path.size(), "FILE");
  }

  std::string path =
      (std::filesystem::temp_directory_path() / ("baton-settings-" + std::to_string(getpid()) + ".toml"))
          .string();
  Settings settings{{kSlots, kPause, kName, kMode, kPassword, kApi, kModules}};
};

auto environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

}  // namespace

TEST_CASE_METHOD(SettingsTest, "a setting that nobody gave has its default") {
  CHECK(settings.get(kSlots) == 4);
  CHECK(settings.get(kPause) == 500ms);
  CHECK(settings.get(kName) == "w");
  CHECK(settings.get(kApi));
  CHECK(settings.get(kModules).empty());
}

TEST_CASE_METHOD(SettingsTest, "a file gives every type, in tables or with dots") {
  const auto path_of_file = file("worker.slots = 8\napi.enabled = false\n[postgres]\npassword = 'p'\n");
  REQUIRE(settings.read_file(path_of_file));
  REQUIRE(
      settings.read_file(file("[worker]\npause_ms = 20\nname = \"w1\"\nmodules = [\"a.so\", \"b.so\"]\n")));
  CHECK(settings.get(kSlots) == 8);
  CHECK_FALSE(settings.get(kApi));
  CHECK(settings.get(kPassword) == "p");
  CHECK(settings.get(kPause) == 20ms);
  CHECK(settings.get(kName) == "w1");
  CHECK(settings.get(kModules) == std::vector<std::string>{"a.so", "b.so"});
}

TEST_CASE_METHOD(SettingsTest, "flags win over the environment, which wins over the file") {
  REQUIRE(settings.read_file(file("[worker]\nslots = 1\nname = \"file\"\npause_ms = 11\n")));
  REQUIRE(
      settings.read_environment(environment({{"BATON_WORKER_SLOTS", "2"}, {"BATON_WORKER_NAME", "env"}})));
  REQUIRE(settings.read_flag("worker.slots", "3", "--worker.slots"));
  CHECK(settings.get(kSlots) == 3);
  CHECK(settings.get(kName) == "env");
  CHECK(settings.get(kPause) == 11ms);
}

TEST_CASE_METHOD(SettingsTest, "an unknown name is refused with its line and the name that was meant") {
  CHECK(refused("[worker]\nname = \"a\"\nslot = 3\n") ==
        "FILE:3: unknown setting 'worker.slot'\n  did you mean 'worker.slots'?\n  --help lists all settings");
  CHECK(refused("entirely_other = 3\n") ==
        "FILE:1: unknown setting 'entirely_other'\n  --help lists all settings");
}

TEST_CASE_METHOD(SettingsTest, "a value of another type, out of bounds or not of the choices is refused") {
  CHECK(refused("worker.slots = \"many\"\n") ==
        "FILE:1: worker.slots = 'many': expected a whole number from 1 to 1024 (tasks)\n"
        "  worker.slots: Tasks at a time.");
  CHECK(refused("\n[worker]\nslots = 0\n") ==
        "FILE:3: worker.slots = 0: expected a whole number from 1 to 1024 (tasks)\n"
        "  worker.slots: Tasks at a time.");
  CHECK(refused("worker.pause_ms = 1.5\n") ==
        "FILE:1: worker.pause_ms = 1.5: expected milliseconds from 10 to 60000\n"
        "  worker.pause_ms: Longest pause.");
  CHECK(refused("worker.mode = \"thraed\"\n") ==
        "FILE:1: worker.mode = 'thraed': expected one of serial, thread, process\n"
        "  worker.mode: How tasks run.");
  CHECK(refused("worker.modules = [1]\n") ==
        "FILE:1: worker.modules = [ 1 ]: expected a list of texts\n  worker.modules: Task modules to load.");
}

TEST_CASE_METHOD(SettingsTest, "what people wrote is shown in messages as far as a terminal may have it") {
  CHECK(refused("\"a\\u001b\" = 1").find("unknown setting 'a?'") != std::string::npos);
  CHECK(refused("worker.slots = \"" + std::string(100'000, 'x') + "\"").size() < 1'000);
}

TEST_CASE_METHOD(SettingsTest, "settings as they are printed are a settings file that says the same") {
  const std::string odd = "a \x7F\x01\"\\\n";
  REQUIRE(settings.read_flag("worker.name", odd, "--set"));
  std::ostringstream printed;
  settings.print(printed);
  Settings again({kSlots, kPause, kName, kMode, kPassword, kApi, kModules});
  REQUIRE(again.read_file(file(printed.str())));
  CHECK(again.get(kName) == odd);
}

TEST_CASE_METHOD(SettingsTest, "a file that is not TOML is refused with its line") {
  CHECK(refused("[worker]\nslots = = 3\n").rfind("FILE:2: not TOML: ", 0) == 0);
  CHECK(refused("[worker]\nslots = 3\nslots = 4\n").rfind("FILE:3: not TOML: ", 0) == 0);
}

TEST_CASE_METHOD(SettingsTest, "a file that is not there is refused with its path") {
  const auto read = settings.read_file("/nonexistent/worker.toml");
  REQUIRE_FALSE(read);
  CHECK(read.error().message ==
        "/nonexistent/worker.toml: cannot read the settings file: No such file or directory\n"
        "  --settings names another one");
}

TEST_CASE_METHOD(SettingsTest, "a wrong variable is refused by its name") {
  const auto read = settings.read_environment(environment({{"BATON_API_ENABLED", "yes"}}));
  REQUIRE_FALSE(read);
  CHECK(read.error().message ==
        "BATON_API_ENABLED: api.enabled = \"yes\": expected true or false\n  api.enabled: Serve HTTP.");
}

TEST_CASE_METHOD(SettingsTest, "secrets are not taken from flags, not printed and not in messages") {
  const auto read = settings.read_flag("postgres.password", "s3cret", "--set");
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("s3cret") == std::string::npos);
  CHECK(read.error().message.find("BATON_POSTGRES_PASSWORD") != std::string::npos);
  CHECK(refused("postgres.password = 12345\n").find("12345") == std::string::npos);
  REQUIRE(settings.read_environment(environment({{"BATON_POSTGRES_PASSWORD", "s3cret"}})));
  std::ostringstream out;
  settings.print(out);
  CHECK(out.str().find("s3cret") == std::string::npos);
  CHECK(out.str().find("postgres.password = \"********\"  # BATON_POSTGRES_PASSWORD; a text; a secret") !=
        std::string::npos);
  CHECK(settings.get(kPassword) == "s3cret");
}

TEST_CASE_METHOD(SettingsTest,
                 "what is printed says where it comes from, its bounds and default, and can be read back") {
  REQUIRE(settings.read_file(file("[worker]\nname = \"a \\\"b\\\"\"\nmodules = [\"x, y\"]\n")));
  REQUIRE(settings.read_environment(environment({{"BATON_WORKER_SLOTS", "2"}})));
  std::ostringstream out;
  settings.print(out);
  CHECK(out.str() ==
        "api.enabled = true  # default; true or false\n"
        "postgres.password = \"\"  # default; a text; a secret: file or environment only\n"
        "worker.mode = \"thread\"  # default; one of serial, thread, process\n"
        "worker.modules = [\"x, y\"]  # " +
            path +
            ":3; a list of texts; default []\n"
            "worker.name = \"a \\\"b\\\"\"  # " +
            path +
            ":2; a text; default \"w\"\n"
            "worker.pause_ms = 500  # default; milliseconds from 10 to 60000\n"
            "worker.slots = 2  # BATON_WORKER_SLOTS; a whole number from 1 to 1024 (tasks); default 4\n");
  Settings again(settings.schema());
  REQUIRE(again.read_file(file(out.str())));
  CHECK(again.get(kName) == "a \"b\"");
  CHECK(again.get(kModules) == std::vector<std::string>{"x, y"});
}
