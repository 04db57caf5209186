#include "common/runtime/runtime_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

using namespace baton;
using namespace baton::runtime;
namespace files = std::filesystem;

namespace {

struct FolderStory {
  FolderStory() {
    char name[] = "/tmp/baton-folder-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    parent = name;
  }
  ~FolderStory() { files::remove_all(parent); }
  std::string path() const { return (parent / "daemon").string(); }
  /// As another process sees it: a lock of another opening of the file.
  bool held(const files::path& file) const {
    const int other = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(other >= 0);
    const bool held = ::flock(other, LOCK_EX | LOCK_NB) != 0;
    ::close(other);
    return held;
  }
  files::path parent;
};

}  // namespace

TEST_CASE_METHOD(FolderStory, "H21: a runtime folder is for its owner's eyes, and for one daemon at a time") {
  {
    const auto first = RuntimeFolder::take(path(), "one");
    REQUIRE(first.ok());
    struct stat seen {};
    REQUIRE(::stat(path().c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0700);
    CHECK(first->session_file() == path() + "/session-one.json");
    const auto second = RuntimeFolder::take(path(), "two");
    REQUIRE_FALSE(second.ok());
    CHECK(second.error() == "runtime folder " + path() +
                                ": another daemon holds it\n"
                                "  hint: give each daemon a folder of its own (runtime.folder)");
  }
  CHECK(RuntimeFolder::take(path(), "two").ok());
}

TEST_CASE_METHOD(FolderStory, "a life is over when the daemon and all who were given its lock have ended") {
  const auto alive = alive_file(path(), "one");
  auto daemon = std::make_unique<Result<RuntimeFolder, std::string>>(RuntimeFolder::take(path(), "one"));
  REQUIRE(daemon->ok());
  const int other = ::open(alive.c_str(), O_RDWR | O_CLOEXEC);
  const int child = ::dup((*daemon)->alive());  // what a child inherits
  daemon.reset();
  CHECK_FALSE(files::exists(alive));
  CHECK(::flock(other, LOCK_EX | LOCK_NB) != 0);
  CHECK(RuntimeFolder::take(path(), "two").ok());  // the next life does not wait for it
  ::close(child);
  CHECK(::flock(other, LOCK_EX | LOCK_NB) == 0);
  ::close(other);
}

TEST_CASE_METHOD(FolderStory,
                 "the files of the last lives are kept for their guardians, older ones are removed") {
  files::create_directory(path());
  const auto now = files::file_time_type::clock::now();
  constexpr int kLives = static_cast<int>(RuntimeFolder::kLivesKept) + 2;
  const auto leave = [&](const std::string& name, int hours_ago) {
    std::ofstream(path() + "/" + name) << "{}";
    files::last_write_time(path() + "/" + name, now - std::chrono::hours(hours_ago));
  };
  for (int life = 0; life < kLives; ++life) {
    leave("alive-" + std::to_string(life), life + 1);
    leave("session-" + std::to_string(life) + ".json", life + 1);
    leave("at-work-" + std::to_string(life), life + 1);
  }
  leave("notes", 1000);
  REQUIRE(RuntimeFolder::take(path(), "now").ok());
  for (int life = 0; life < kLives; ++life)
    for (const std::string& file : {alive_file(path(), std::to_string(life)).string(),
                                    session_file(path(), std::to_string(life)).string(),
                                    marker_file(path(), std::to_string(life)).string()}) {
      INFO(file);
      CHECK(files::exists(file) == (life < static_cast<int>(RuntimeFolder::kLivesKept)));
    }
  CHECK(files::exists(path() + "/notes"));
}

TEST_CASE_METHOD(FolderStory, "a daemon's folder is what its settings say, else systemd's, else none") {
  std::map<std::string, std::string> environment;
  const auto getenv = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  const auto none = RuntimeFolder::of_daemon("", getenv, "life");
  REQUIRE(none.ok());
  CHECK_FALSE(none->has_value());
  {
    const auto named = RuntimeFolder::of_daemon(path(), getenv, "life");
    REQUIRE(named.ok());
    CHECK((*named)->session_file() == path() + "/session-life.json");
  }
  environment = {{"RUNTIME_DIRECTORY", path() + "-systemd"}, {"INVOCATION_ID", "c0ffee"}};
  const auto given = RuntimeFolder::of_daemon("", getenv, "life");
  REQUIRE(given.ok());
  CHECK((*given)->session_file() == path() + "-systemd/session-c0ffee.json");
  const auto nowhere = RuntimeFolder::of_daemon("/nowhere/at/all", getenv, "life");
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.error() == "runtime folder /nowhere/at/all: cannot make it: No such file or directory");
}
