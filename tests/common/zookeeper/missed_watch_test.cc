#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"
#include "tests/support/lossy_proxy.h"
#include "tests/support/services.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

/// A process behind the proxy that watches board and directory; its full listings come every half second.
struct Missed {
  LossyProxy proxy{services().zookeeper};
  ZooKeeperWorld world;
  Process& process = world.hurried_process_through(proxy.hosts(), "watcher");
  Process& other = world.process("other");

  Missed() {
    process.board().open(process.board_log);
    process.directory().open(process.directory_log);
    REQUIRE(world.pump([&] { return process.board_log.listed > 0 && process.directory_log.pictures > 0; }));
  }
  std::string job(const std::string& name) const { return world.board() + "/" + name; }
  void put(const std::string& path) { world.create(path, R"({"uuid": "u", "name": "n"})"); }
  bool knows(const std::string& path) const { return process.board_log.jobs.contains(path); }
};

}  // namespace

TEST_CASE_METHOD(Missed, "H34: a job whose watch's event was lost is found by the next full listing",
                 "[services]") {
  proxy.lose_next_event();
  const auto path = job("job0000000001");
  put(path);
  REQUIRE(world.pump([&] { return knows(path); }));
  CHECK(proxy.lost() == 1);
  CHECK(process.board_log.sessions_lost + process.board_log.disconnected == 0);
  // The watch was set anew meanwhile, or the next listing finds this one, too.
  const auto next = job("job0000000002");
  put(next);
  REQUIRE(world.pump([&] { return knows(next); }));
}

TEST_CASE_METHOD(Missed, "H34: a board that was removed and made anew is watched on", "[services]") {
  const auto path = job("job0000000001");
  put(path);
  REQUIRE(world.pump([&] { return knows(path); }));
  proxy.lose_next_event();
  world.remove(path);
  world.remove(world.board());
  put(path);
  const auto next = job("job0000000002");
  put(next);
  REQUIRE(world.pump([&] { return knows(next); }));
  CHECK(proxy.lost() == 1);
}

TEST_CASE_METHOD(Missed, "H34: a worker whose watch's event was lost is seen by the next full reading",
                 "[services]") {
  Advert advert;
  advert.name = "w";
  advert.inbox.emplace();
  advert.incarnation = world.incarnation();
  proxy.lose_next_event();
  const auto written = world.await<Result<void, DirectoryError>>(
      [&](auto done) { other.directory().advertise(advert, done); });
  REQUIRE(written.ok());
  REQUIRE(world.pump([&] { return process.directory_log.workers == std::vector<Advert>{advert}; }));
  CHECK(proxy.lost() == 1);
}
