#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "doctor/settings_reading.h"
#include "tests/doctor/found.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;

namespace {

constexpr const char* kPassword = "correct-horse";

const char* no_environment(const char*) {
  return nullptr;
}

/// A settings file of a test.
struct File {
  explicit File(const std::string& text, mode_t mode = 0600) : path(folder.path() + "/a.toml") {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }
  SettingsSeen read() const { return read_settings(path, no_environment); }
  /// With the path as FILE.
  Lines trouble() const {
    Findings findings;
    judge_settings(read(), findings);
    Lines lines = trouble_in(findings.list());
    for (auto& line : lines)
      for (std::size_t at; (at = line.find(path)) != std::string::npos;)
        line.replace(at, path.size(), "FILE");
    for (const auto& line : lines) CHECK_THAT(line, !Catch::Contains(kPassword));
    return lines;
  }

  ScratchFolder folder;
  std::string path;
};

std::string with_password() {
  return std::string("[postgres]\nconninfo = \"host=db user=baton password=") + kPassword + "\"\n";
}

}  // namespace

TEST_CASE("a conductor's settings are read, and nothing is wrong with them", "[doctor]") {
  const File file("[zookeeper]\nhosts = \"z1:1,z2:2\"\nsession_timeout_ms = 3000\n[kafka]\npartitions = 8\n" +
                  with_password());
  const auto seen = file.read();
  CHECK(seen.usable());
  CHECK_FALSE(seen.worker);
  CHECK(seen.zookeeper_hosts == "z1:1,z2:2");
  CHECK(seen.session_timeout == Millis{3000});
  CHECK(seen.partitions == 8);
  CHECK(seen.board_path == "/taskflow/jobs");
  CHECK(seen.holds_password);
  CHECK(seen.mode == 0600);
  CHECK(file.trouble().empty());
}

TEST_CASE("a worker's settings are told from a conductor's, and need no secrecy", "[doctor]") {
  const File file("[worker]\nslots = 3\n", 0644);
  CHECK(file.read().worker);
  CHECK(file.read().partitions == 0);
  CHECK(file.trouble().empty());
}

TEST_CASE("a file that could be either's is said to be, and read for what both have", "[doctor]") {
  const File file("[kafka]\ntopic_prefix = \"a\"\n");
  CHECK_FALSE(file.read().told);
  CHECK(file.read().topic_prefix == "a");
  CHECK(file.read().conninfo.empty());
  CHECK(
      file.trouble() ==
      Lines{"not looked at settings.readable FILE: whether it is a conductor's or a worker's cannot be told: "
            "only what both have was looked at -> add a line that only one of them has, such as name = \"\" "
            "under [conductor] or [worker]"});
  for (const char* text : {"[conductor]\nname = \"c\"\n", "[api]\nport = 1\n", "[kafka]\npartitions = 8\n"}) {
    CHECK(File(text).read().told);
    CHECK_FALSE(File(text).read().worker);
    CHECK(File(text).read().schema == "baton");
  }
}

TEST_CASE("a schema's name that no daemon takes is a mistake of the file", "[doctor]") {
  CHECK(
      File("[postgres]\nschema = \"Baton\"\n").trouble() ==
      Lines{
          "wrong settings.valid FILE: 'Baton' cannot be a schema's name: use small letters, digits and _ -> "
          "mend postgres.schema"});
}

TEST_CASE("lists of servers agree as sets, parts of one cluster are a warning, others are wrong",
          "[doctor]") {
  const auto between = [](const std::string& ours, const std::string& theirs) {
    Seen seen;
    seen.settings.resize(2);
    seen.settings[0].file = "c", seen.settings[1].file = "w";
    seen.settings[0].zookeeper_hosts = ours, seen.settings[1].zookeeper_hosts = theirs;
    Findings findings;
    judge_agreement(seen, findings);
    return trouble_in(findings.list());
  };
  CHECK(between("a:2181,b:2181", "b, a").empty());
  CHECK(
      between("a,b", "b,c") ==
      Lines{
          "warning settings.agree zookeeper.hosts: \"a,b\" in c, \"b,c\" in w -> name all of its servers in "
          "both: who is not named cannot stand in for one that is away"});
  const Lines other{
      "wrong settings.agree zookeeper.hosts: \"a\" in c, \"b\" in w -> give the whole fleet the "
      "same"};
  CHECK(between("a", "b") == other);
  CHECK(between("a/x", "a/y").at(0).starts_with("wrong settings.agree zookeeper.hosts"));
}

TEST_CASE("a settings file that is not there is wrong, and so is one that may not be read", "[doctor]") {
  const auto missing = read_settings("/nowhere/a.toml", no_environment);
  CHECK_FALSE(missing.usable());
  Findings findings;
  judge_settings(missing, findings);
  CHECK(
      trouble_in(findings.list()) ==
      Lines{
          "wrong settings.readable /nowhere/a.toml: cannot be read: No such file or directory -> see whether "
          "the path is right, and whether you may read it (sudo)"});
  const ScratchFolder folder;
  CHECK(read_settings(folder.path(), no_environment).usable() == false);
}

TEST_CASE("who can read the password matters", "[doctor]") {
  CHECK(
      File(with_password(), 0644).trouble() ==
      Lines{"wrong settings.permissions FILE: mode 0644: everybody can read the password in it -> chmod 600 "
            "FILE, and change the password"});
  CHECK(
      File(with_password(), 0640).trouble() ==
      Lines{
          "warning settings.permissions FILE: mode 0640: its group can read the password in it -> chmod 600 "
          "FILE, unless the group is meant to"});
  CHECK(File("[postgres]\nconninfo = \"host=db user=baton\"\n", 0644).trouble().empty());
  const auto uri =
      File("[postgres]\nconninfo = \"postgresql://baton:correct-horse@db/baton\"\n", 0644).trouble();
  REQUIRE(uri.size() == 1);
  CHECK_THAT(uri[0], Catch::Contains("everybody can read the password"));
}

TEST_CASE("mistakes are told where they are, with what to do, and without a secret", "[doctor]") {
  const auto unknown = File("[zookeeper]\nhost = \"z\"\n").trouble();
  REQUIRE(unknown.size() == 2);
  CHECK(unknown[0] ==
        "wrong settings.valid FILE: FILE:2: unknown setting 'zookeeper.host' -> did you mean "
        "'zookeeper.hosts'?\n--help lists all settings");
  CHECK(unknown[1] ==
        "not looked at settings.agree FILE: its servers were not asked -> ask again when the file is "
        "mended");
  CHECK_THAT(
      File("[kafka]\npartitions = 0\n").trouble()[0],
      Catch::StartsWith("wrong settings.valid FILE: FILE:2: kafka.partitions = 0: expected a whole number"));
  CHECK_THAT(File("[postgres]\nconninfo = [\"correct-horse\"]\n").trouble()[0],
             Catch::StartsWith("wrong settings.valid FILE: FILE:2: postgres.conninfo"));
  CHECK(
      File("[postgres]\nconninfo = \"host=db password=correct-horse stray\"\n").trouble() ==
      Lines{
          "wrong settings.valid FILE: the Postgres connection string cannot be read: expected name=value "
          "pairs (quote values that hold spaces) or a postgresql:// URI (percent-encode what is special) -> "
          "mend postgres.conninfo"});
  const auto broken = File("password = correct-horse\n", 0644).trouble();  // no TOML: who knows what is in it
  REQUIRE(broken.size() == 3);
  CHECK_THAT(broken[0], Catch::StartsWith("wrong settings.permissions FILE"));
  CHECK_THAT(broken[1], Catch::StartsWith("wrong settings.valid FILE: FILE:1: not TOML"));
}

TEST_CASE("the environment stands over the file, as for the daemon", "[doctor]") {
  const File file("[kafka]\ntopic_prefix = \"a\"\n");
  const auto seen = read_settings(file.path, [](const char* name) -> const char* {
    return std::string_view(name) == "BATON_KAFKA_TOPIC_PREFIX" ? "b" : nullptr;
  });
  CHECK(seen.topic_prefix == "b");
}

TEST_CASE("what is allowed and dangerous is warned of", "[doctor]") {
  CHECK(File("[api]\naddress = \"0.0.0.0\"\n").trouble() ==
        Lines{"warning settings.dangerous FILE: api.address = \"0.0.0.0\": the API has no logins, whoever "
              "reaches "
              "it posts and cancels jobs -> put it behind something that has logins, or let it listen on "
              "loopback"});
  CHECK(File("[worker]\ncommand_programs = [\"*\"]\n").trouble() ==
        Lines{"warning settings.dangerous FILE: worker.command_programs has \"*\": whoever may post a job "
              "runs any "
              "program on this worker -> name the programs that tasks may run"});
  CHECK(
      File("[worker]\nslots = 3\n[zookeeper]\nsession_timeout_ms = 200\n").trouble() ==
      Lines{"warning settings.dangerous FILE: zookeeper.session_timeout_ms = 200: a host that is busy for so "
            "long is taken for dead -> set it to 4000"});
  CHECK(
      File("[worker]\nslots = 3\n[zookeeper]\nsession_timeout_ms = 60000\n").trouble() ==
      Lines{
          "warning settings.dangerous FILE: zookeeper.session_timeout_ms = 60000: a host that vanishes goes "
          "unnoticed for so long -> set it to 4000"});
}

TEST_CASE("files of one fleet, and its conductors, agree", "[doctor]") {
  Seen seen;
  SettingsSeen conductors, workers;
  conductors.file = "c.toml", workers.file = "w.toml";
  conductors.topic_prefix = workers.topic_prefix = "baton";
  conductors.fleet_path = workers.fleet_path = "/a";
  conductors.board_path = "/jobs";
  seen.settings = {conductors, workers};
  ConductorSeen asked;
  asked.name = "c1";
  asked.settings = {{"conductor.board_path", "/jobs"}, {"zookeeper.fleet_path", "/a"}};
  seen.fleet.conductors = {asked};
  const auto trouble = [&] {
    Findings findings;
    judge_agreement(seen, findings);
    CHECK_FALSE(findings.list().empty());
    return trouble_in(findings.list());
  };
  CHECK(trouble().empty());
  seen.settings[1].topic_prefix = "other";
  CHECK(trouble() ==
        Lines{"wrong settings.agree kafka.topic_prefix: \"baton\" in c.toml, \"other\" in w.toml -> "
              "give the whole fleet the same"});
  seen.settings = {conductors};
  seen.fleet.conductors[0].settings["conductor.board_path"] = "/others";
  CHECK(trouble() ==
        Lines{"wrong settings.agree conductor.board_path: \"/jobs\" in c.toml, \"/others\" at c1 -> "
              "give the whole fleet the same"});
  seen.fleet.conductors = {asked};
  seen.settings[0].board_shards = 8;
  CHECK(trouble().empty());  // of an older version: it does not say
  seen.fleet.conductors[0].settings["conductor.board_shards"] = "1";
  CHECK(trouble() == Lines{"wrong settings.agree conductor.board_shards: \"8\" in c.toml, \"1\" at c1 -> "
                           "give the whole fleet the same"});
}
