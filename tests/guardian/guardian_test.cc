#include "guardian/guardian.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <future>

#include "common/runtime/crash_marker.h"
#include "common/runtime/os_entropy.h"
#include "common/runtime/runtime_folder.h"
#include "common/runtime/tasks_at_work.h"
#include "common/zookeeper/directory.h"
#include "common/zookeeper/session.h"
#include "common/zookeeper/session_file.h"
#include "tests/support/asio_pump.h"
#include "tests/support/coordination_world.h"
#include "tests/support/services.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::guardian;

namespace {

constexpr Millis kLimit{20'000};
constexpr Millis kTimeout{15'000};  // of the sessions: what is gone before has not waited for it

/// A folder, and an onlooker of the fleet's adverts and death notes.
struct GuardianStory {
  GuardianStory() {
    char name[] = "/tmp/baton-guardian-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder = name;
    watch.open(seen);
  }
  ~GuardianStory() {
    watch.close();
    std::filesystem::remove_all(folder);
  }

  zookeeper::Session::Settings settings(const std::string& file, const std::string& note) const {
    zookeeper::Session::Settings settings;
    settings.hosts = test::services().zookeeper;
    settings.timeout = kTimeout;
    settings.file = file;
    settings.death_note = note;
    return settings;
  }
  bool until(const std::function<bool()>& holds) { return test::pump_loop(loop, holds, kLimit); }
  bool listed(const Incarnation& worker) const {
    return std::any_of(seen.workers.begin(), seen.workers.end(),
                       [&](const auto& advert) { return advert.incarnation == worker; });
  }
  bool noted(const Incarnation& worker) const {
    return std::find(seen.dead.begin(), seen.dead.end(), worker) != seen.dead.end();
  }
  std::string session_file(const std::string& invocation) const {
    return runtime::session_file(folder, invocation).string();
  }

  std::filesystem::path folder;
  const std::string root = "/taskflow/" + test::unique_name("guardian");
  runtime::AsioLoop loop;
  runtime::OsEntropy entropy;
  test::DirectoryLog seen;
  zookeeper::Session onlooker{settings("", ""), loop, loop};
  zookeeper::ZooKeeperDirectory watch{onlooker, {root, ""}};
};

/// What the kernel and the server know of a daemon: its lock, its session with an advert.
struct Daemon {
  Daemon(GuardianStory& story, const std::string& invocation)
      : life{story.folder, invocation},
        self(Incarnation(story.entropy.uuid())),
        alive(::open(runtime::alive_file(story.folder, invocation).c_str(), O_RDWR | O_CREAT | O_CLOEXEC,
                     0600)),
        session(story.settings(story.session_file(invocation), zookeeper::death_note_path(story.root, self)),
                story.loop, story.loop),
        directory(session, {story.root, ""}) {
    REQUIRE(::flock(alive, LOCK_EX | LOCK_NB) == 0);
    ports::Advert advert;
    advert.name = invocation;
    advert.inbox.emplace();
    advert.incarnation = self;
    directory.advertise(advert, [](const auto&) {});
    REQUIRE(story.until([&] { return story.listed(self); }));
  }
  ~Daemon() {
    die();
    directory.close();
  }
  /// As by kill -9: the kernel closes its files, nobody removes them.
  void die() {
    if (alive >= 0) ::close(std::exchange(alive, -1));
  }

  const Life life;
  const Incarnation self;
  int alive;
  zookeeper::Session session;
  zookeeper::ZooKeeperDirectory directory;
};

}  // namespace

TEST_CASE_METHOD(GuardianStory, "H20: a death is noted and its session ended when the last child is dead",
                 "[services]") {
  Daemon daemon(*this, "one");
  const int child = ::dup(daemon.alive);  // what a command of its holds
  auto done = std::async(std::launch::async, look_after, daemon.life, kLimit);
  daemon.die();
  CHECK(done.wait_for(100ms) == std::future_status::timeout);
  CHECK(listed(daemon.self));
  CHECK_FALSE(noted(daemon.self));
  ::close(child);
  REQUIRE(until([&] { return noted(daemon.self) && !listed(daemon.self); }));
  const auto said = done.get();
  REQUIRE(said.ok());
  CHECK(said->find(" ms after its process") != std::string::npos);
}

TEST_CASE_METHOD(GuardianStory, "H22: the note of a death names the job that the daemon was at work on",
                 "[services]") {
  Daemon daemon(*this, "one");
  auto marker = runtime::CrashMarker::open(runtime::marker_file(folder, "one").string());
  REQUIRE(marker.ok());
  marker->name("job-7");
  daemon.die();
  const auto said = look_after(daemon.life, kLimit);
  REQUIRE(said.ok());
  CHECK(said->find("ms after its process, which was at work on job job-7") != std::string::npos);
  REQUIRE(until([&] { return !seen.culprits.empty(); }));
  CHECK(seen.culprits == ports::Culprits{{"job-7", {daemon.self}}});
}

TEST_CASE_METHOD(GuardianStory, "H22: the note of a death names the tasks that the worker was at work on",
                 "[services]") {
  Daemon daemon(*this, "one");
  {
    auto tasks = runtime::TasksAtWork::open(runtime::tasks_file(folder, "one").string(), 3);
    REQUIRE(tasks.ok());
    tasks->begin(0, "flow/a");
    tasks->begin(2, "flow/b");
  }
  daemon.die();
  const auto said = look_after(daemon.life, kLimit);
  REQUIRE(said.ok());
  CHECK(said->find("ms after its process, which was at work on 2 tasks") != std::string::npos);
  REQUIRE(until([&] { return noted(daemon.self); }));
  CHECK(seen.last_tasks.at(daemon.self) == ports::LastTasks{{"flow/a", "flow/b"}, ""});
  CHECK_FALSE(std::filesystem::exists(runtime::tasks_file(folder, "one")));
}

TEST_CASE_METHOD(GuardianStory, "a note that would name more than 64 tasks is small, and names none",
                 "[services]") {
  Daemon daemon(*this, "one");
  {
    auto tasks = runtime::TasksAtWork::open(runtime::tasks_file(folder, "one").string(), 65);
    REQUIRE(tasks.ok());
    for (std::size_t thread = 0; thread < 65; ++thread)
      tasks->begin(thread, std::to_string(thread) + "/" + std::string(290, 'x'));
  }
  daemon.die();
  REQUIRE(look_after(daemon.life, kLimit).ok());
  REQUIRE(until([&] { return noted(daemon.self); }));
  CHECK_FALSE(seen.last_tasks.contains(daemon.self));
}

TEST_CASE_METHOD(GuardianStory, "H21: another life in the same folder keeps its session", "[services]") {
  Daemon before(*this, "before");
  Daemon after(*this, "after");
  before.die();
  REQUIRE(look_after(before.life, kLimit).ok());
  REQUIRE(until([&] { return noted(before.self); }));
  CHECK(listed(after.self));
  CHECK_FALSE(noted(after.self));
  CHECK(std::filesystem::exists(session_file("after")));
}

TEST_CASE_METHOD(GuardianStory, "a daemon that ended in order has left nothing to do", "[services]") {
  {
    Daemon daemon(*this, "one");
    daemon.directory.close();
  }
  const auto said = look_after({folder, "one"}, kLimit);
  REQUIRE(said.ok());
  CHECK(*said == "it has left no session: nothing to do");
  const auto nowhere = look_after({folder / "nowhere", "one"}, kLimit);
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.error() ==
        "no folder " + (folder / "nowhere").string() + "\n  hint: --folder is the daemon's runtime.folder");
}

TEST_CASE_METHOD(GuardianStory, "a session file that cannot be used is said, without its password",
                 "[services]") {
  std::ofstream(session_file("torn")) << R"({"hosts": "h", "session": "0x1", "password": "5ec4e7"})";
  const auto torn = look_after({folder, "torn"}, kLimit);
  REQUIRE_FALSE(torn.ok());
  CHECK(torn.error() ==
        "session file " + session_file("torn") + ": it does not hold what a daemon writes into it");

  zookeeper::SessionFile nobody;
  nobody.hosts = "127.0.0.1:1";
  nobody.identity.id = 0x10000001;
  nobody.identity.timeout = 2000ms;
  REQUIRE(zookeeper::write_session_file(session_file("away"), nobody).empty());
  const auto away = look_after({folder, "away"}, 300ms);
  REQUIRE_FALSE(away.ok());
  CHECK(away.error() ==
        "ZooKeeper at 127.0.0.1:1: session 0x10000001 could not be ended in 300 ms; the server ends it after "
        "its "
        "timeout (2000 ms)");
}

TEST_CASE_METHOD(GuardianStory, "a session file is read as it was written, and only its owner may read it") {
  zookeeper::SessionFile written;
  written.hosts = "a:1,b:2";
  written.identity.id = static_cast<std::int64_t>(0xf00000695dd0023);
  for (std::size_t i = 0; i < 16; ++i) written.identity.password[i] = static_cast<char>(17 * i);
  written.identity.timeout = 2000ms;
  written.death_note = "/fleet/deaths/x";
  REQUIRE(zookeeper::write_session_file(session_file("one"), written).empty());
  const auto read = zookeeper::read_session_file(session_file("one"));
  REQUIRE(read.ok());
  CHECK(read->hosts == written.hosts);
  CHECK(read->identity.id == written.identity.id);
  CHECK(read->identity.password == written.identity.password);
  CHECK(read->identity.timeout == written.identity.timeout);
  CHECK(read->death_note == written.death_note);
  CHECK(std::filesystem::status(session_file("one")).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}
