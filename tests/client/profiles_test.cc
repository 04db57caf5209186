#include "client/command/profiles.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::http_answer;
using baton::test::ToldServer;
using baton::test::Words;

namespace {

struct Command : baton::test::Command {
  Command(Words words, const std::string& file, const std::string& profile = "", const std::string& api = "")
      : baton::test::Command(Invocation{std::move(words), api, false, profile, file}) {}
};

class Scratch {
 public:
  explicit Scratch(const std::string& text) { std::ofstream(file()) << text; }
  std::string file() const { return folder_.path() + "/profiles.yaml"; }
  std::string text() const {
    std::ifstream stream(file());
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  baton::test::ScratchFolder folder_;
};

ToldServer empty_list() {
  return ToldServer({{"GET /v1/jobs", http_answer("200 OK", "application/json", R"({"jobs": []})")}});
}

}  // namespace

TEST_CASE("a profile says whom to ask: by option, environment, or as the default of the file") {
  const auto a = empty_list(), b = empty_list();
  const Scratch scratch("default: one\nprofiles:\n  one: {api: ['" + a.address() +
                        "']}\n  two:\n    api: " + "'127.0.0.1:1, " + b.address() + "'\n");
  CHECK(Command({"list"}, scratch.file()).ended == Ended::Success);
  CHECK(a.requests().size() == 1);
  CHECK(Command({"list", "--profile", "two"}, scratch.file()).ended == Ended::Success);
  CHECK(Command({"list"}, scratch.file(), "two").ended == Ended::Success);
  CHECK(b.requests().size() == 2);
  // An address comes before a profile, what is written before what is set.
  CHECK(Command({"list", "--api", a.address()}, scratch.file(), "two").ended == Ended::Success);
  CHECK(Command({"list"}, scratch.file(), "two", a.address()).ended == Ended::Success);
  CHECK(a.requests().size() == 3);
  CHECK(Command({"list", "--profile", "two"}, scratch.file(), "", a.address()).ended == Ended::Success);
  CHECK(b.requests().size() == 3);
  const Command both({"list", "--profile", "two", "--api", "x:1"}, scratch.file());
  CHECK(both.ended == Ended::Usage);
  CHECK(both.err.str() == "baton: --api and --profile both say whom to ask: give one of them\n");
}

TEST_CASE("a wrong profile says which there are, and where") {
  const Scratch scratch("profiles: {one: {api: 'a:1'}, two: {api: 'b:2'}}\n");
  for (const auto& command :
       {Command({"list", "--profile", "three"}, scratch.file()), Command({"list"}, scratch.file(), "three"),
        Command({"profile", "use", "three"}, scratch.file())}) {
    CHECK(command.ended == Ended::Usage);
    CHECK(command.err.str() == "baton: no profile 'three'; " + scratch.file() + " has: one, two\n");
  }
  const Command none({"list", "--profile", "x"}, scratch.file() + ".none");
  CHECK(none.ended == Ended::Usage);
  CHECK_THAT(none.err.str(),
             Catch::Contains("no profile 'x': there are none in " + scratch.file() + ".none"));
  CHECK(Command({"list", "--profile", "x"}, "").ended == Ended::Usage);
}

TEST_CASE("a broken file of profiles says its line and what to do") {
  const auto said = [](const std::string& text) {
    const Scratch scratch(text);
    const Command command({"workers"}, scratch.file());
    CHECK(command.ended == Ended::Usage);
    // Words that ask nobody go on.
    CHECK(Command({"completion", "bash"}, scratch.file()).ended == Ended::Success);
    CHECK(Command({"profile", "list"}, scratch.file()).ended == Ended::Usage);
    CHECK_THAT(command.err.str(), Catch::Contains(scratch.file() + ":"));
    return command.err.str();
  };
  CHECK_THAT(said("profiles:\n  one: {api: [a:1\n"),
             Catch::Contains(":2:14: the list that begins here is not closed"));
  CHECK_THAT(said("profiles:\n  one: {}\n"), Catch::Contains(":2:3: profile 'one' has no 'api'"));
  CHECK_THAT(said("profiles:\n  one: {api: host}\n"), Catch::Contains("'host' is no HOST:PORT"));
  CHECK_THAT(said("default: two\nprofiles:\n  one: {api: 'a:1'}\n"),
             Catch::Contains(":1:10: no profile 'two'"));
  CHECK_THAT(said("default: \"a\\e[2J\"\nprofiles:\n  one: {api: 'a:1'}\n"),
             Catch::Contains("no profile 'a?[2J'"));
  CHECK_THAT(said("profiles:\n  \"p\\e[2J\": {api: 'a:1'}\n"),
             Catch::Contains(":2:3: 'p?[2J' is no name of a profile"));
  CHECK_THAT(said("profiles: {\"p\\x9b\": {api: 'a:1'}}\n"), Catch::Contains("'p?' is no name of a profile"));
  CHECK_THAT(said("profiles: {\"p\\nq\": {api: 'a:1'}}\n"), Catch::Contains("'p?q' is no name of a profile"));
  CHECK_THAT(said("profiles: {\"p\\tq\": {api: 'a:1'}}\n"),
             Catch::Contains("'p q' is no name of a profile: it has control characters"));
  CHECK_THAT(said("profiles: {p: {api: \"a\\x9b2J:1\"}}\n"), Catch::Contains("'a?2J:1' is no HOST:PORT"));
  for (const std::string port : {"0", "65536", "99999999999999999999", "1x"})
    CHECK_THAT(said("profiles:\n  one: {api: 'a:" + port + "'}\n"), Catch::Contains("is no HOST:PORT"));
  CHECK_THAT(said("profiles:\n  one:\n    api: 'a:1'\n    token: abc\n"),
             Catch::Contains(":4:5: 'token' is not known here; known: api") &&
                 Catch::Contains("no secret belongs into this file"));
  CHECK_THAT(said("- a\n"), Catch::Contains("this is no file of profiles"));
  CHECK_THAT(said("profile: {}\n"), Catch::Contains("'profile' is not known here; known: default, profiles"));
}

TEST_CASE("profiles are listed, shown and made the default, and the rest of the file stays") {
  const Scratch scratch("# ours\nprofiles:\n  one: {api: 'a:1'}  # old\n  two: {api: ['b:1', 'c:1']}\n");
  CHECK(Command({"profile", "list"}, scratch.file()).out.str() ==
        "NAME  DEFAULT  API\none            a:1\ntwo            b:1, c:1\n");
  CHECK(Command({"profile", "show"}, scratch.file()).ended == Ended::Usage);
  const auto before = scratch.text();
  const Command dry({"profile", "use", "two", "--dry-run"}, scratch.file());
  CHECK(dry.ended == Ended::Success);
  CHECK(dry.out.str() == "would make two the default in " + scratch.file() + "\n");
  CHECK(scratch.text() == before);
  CHECK(Command({"profile", "use", "two"}, scratch.file()).ended == Ended::Success);
  CHECK(scratch.text() == "default: two\n" + before);
  CHECK(Command({"profile", "use", "one"}, scratch.file()).ended == Ended::Success);
  CHECK(scratch.text() == "default: one\n" + before);
  const Command shown({"profile", "show", "-o", "json"}, scratch.file());
  CHECK(boost::json::parse(shown.out.str()) ==
        boost::json::parse(R"({"name": "one", "api": ["a:1"], "default": true})"));
  CHECK(Command({"profile", "list", "-o", "yaml"}, scratch.file()).out.str() ==
        "---\nfile: " + scratch.file() +
            "\nprofiles:\n- name: one\n  api:\n  - a:1\n  default: true\n- name: two\n  api:\n  - b:1\n  - "
            "c:1\n");
}

TEST_CASE("a default is written so that it is read as it was meant, or the file stays as it is") {
  const auto used = [](const std::string& before, const std::string& name) {
    const Scratch scratch(before);
    const Command command({"profile", "use", name}, scratch.file());
    if (command.ended == Ended::Success) return scratch.text();
    return scratch.text() == before ? command.err.str() : "changed and refused";
  };
  const std::string profiles = "profiles: {'yes': {api: 'a:1'}, '7': {api: 'b:1'}, 'a: b': {api: 'c:1'}}\n";
  CHECK(used("default: 'yes'  # ours\n" + profiles, "a: b") == "default: 'a: b' # ours\n" + profiles);
  CHECK(used("---\n" + profiles, "7") == "---\ndefault: \"7\"\n" + profiles);
  for (const auto& text : {"{default: one, profiles: {one: {api: 'a:1'}, two: {api: 'b:1'}}}\n",
                           "{profiles: {one: {api: 'a:1'}, two: {api: 'b:1'}}}\n",
                           "default:\n  one\nprofiles: {one: {api: 'a:1'}, two: {api: 'b:1'}}\n"}) {
    const auto said = used(text, "two");
    CHECK_THAT(said, Catch::Contains("was left as it is"));
    CHECK_THAT(said, Catch::Contains("write 'default: two' yourself"));
  }
}

TEST_CASE("a default is written where a link points to, with the permissions that the file has") {
  const Scratch scratch("profiles: {one: {api: 'a:1'}}\n");
  const auto link = scratch.file() + ".link";
  std::filesystem::create_symlink(scratch.file(), link);
  const auto owner = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(scratch.file(), owner);
  CHECK(Command({"profile", "use", "one"}, link).ended == Ended::Success);
  CHECK(std::filesystem::is_symlink(link));
  CHECK(scratch.text() == "default: one\nprofiles: {one: {api: 'a:1'}}\n");
  CHECK(std::filesystem::status(scratch.file()).permissions() == owner);
  const auto beside = std::filesystem::directory_iterator(std::filesystem::path(link).parent_path());
  CHECK(std::distance(begin(beside), end(beside)) == 2);
}

TEST_CASE("the file of profiles is in the folder of settings that people have") {
  CHECK(profiles_file("/c", "/h") == "/c/baton/profiles.yaml");
  CHECK(profiles_file("", "/h") == "/h/.config/baton/profiles.yaml");
  CHECK(profiles_file(nullptr, "/h") == "/h/.config/baton/profiles.yaml");
  CHECK(profiles_file(nullptr, nullptr).empty());
}
