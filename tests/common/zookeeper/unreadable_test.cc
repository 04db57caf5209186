#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"

using namespace baton;
using namespace baton::ports;
using namespace baton::test;

/// A newer version may write adverts that this one cannot read; people may write anything.
TEST_CASE("who is there with an advert that cannot be read is listed as UNREACHABLE, and told of once",
          "[services]") {
  ZooKeeperWorld world;
  Process& process = world.process("watcher");
  auto& log = process.directory_log;
  process.directory().open(log);
  REQUIRE(world.pump([&] { return log.pictures > 0; }));
  const auto uuid = world.incarnation();
  const auto worker = world.root() + "/workers/" + uuid.value.to_string();
  const auto nobody = world.root() + "/workers/nobody";
  const auto conductor = world.root() + "/conductors/" + uuid.value.to_string();
  const auto death = world.root() + "/deaths/of-whom";
  world.create(death, "{}");
  world.create(conductor, "[]");
  world.create(nobody, "{}");
  world.create(worker, R"({"format": 2})");
  REQUIRE(world.pump([&] { return log.workers.size() == 1 && log.unreadable.size() == 4; }));
  CHECK(log.workers[0].incarnation == uuid);
  CHECK(log.workers[0].state == AdvertState::Unreachable);
  CHECK_FALSE(log.workers[0].inbox);
  CHECK(log.conductors.empty());

  Advert advert;  // the next picture tells of none of them again
  advert.name = "w";
  advert.inbox.emplace();
  advert.incarnation = world.incarnation();
  process.directory().advertise(advert, [](const Result<void, DirectoryError>&) {});
  REQUIRE(world.pump([&] { return log.workers.size() == 2; }));
  std::sort(log.unreadable.begin(), log.unreadable.end());
  CHECK(log.unreadable == std::vector<std::string>{conductor, death, worker, nobody});
  for (const auto& path : {conductor, death, worker, nobody}) world.remove(path);
}
