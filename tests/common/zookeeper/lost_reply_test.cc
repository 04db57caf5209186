#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"
#include "tests/support/lossy_proxy.h"
#include "tests/support/services.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

using Path = Result<std::string, BoardError>;
using Claimed = Result<BoardClaim, BoardError>;
using Ended = Result<void, BoardError>;

/// A process behind the proxy, watching the board, with one job on it.
struct Loss {
  LossyProxy proxy{services().zookeeper};
  ZooKeeperWorld world;
  Process& process = world.process_through(proxy.hosts(), "unlucky");
  const Posting posting = *Posting::make(world.uuid(), "job", Priority::Normal, *Value::parse("{}"));
  const std::string job = post(posting);

  Loss() {
    process.board().open(process.board_log);
    REQUIRE(world.pump([&] { return process.board_log.jobs.contains(job); }));
  }
  /// By then a listing has seen whatever the loss left behind.
  ~Loss() {
    const auto later = world.board() + "/job9000000009";
    world.create(later, R"({"uuid": "later", "name": "later"})");
    CHECK(world.pump([&] { return process.board_log.jobs.contains(later); }));
    CHECK(process.board_log.lost_claims.empty());
  }

  std::string post(const Posting& what) {
    const auto path = world.await<Path>([&](auto done) { process.board().post(what, done); });
    REQUIRE(path.ok());
    return *path;
  }
  BoardClaim claim() {
    const auto held = world.await<Claimed>([&](auto done) { process.board().claim(job, done); });
    REQUIRE(held.ok());
    return *held;
  }
  std::string owner() {
    const auto name = world.await<Path>([&](auto done) { process.board().owner(job, done); });
    REQUIRE(name.ok());
    return *name;
  }
  std::size_t nodes() { return world.children(world.board()).size(); }
};

}  // namespace

TEST_CASE_METHOD(Loss, "a post whose reply was lost is one node", "[services]") {
  proxy.lose_reply_to_next(LossyProxy::Request::Create);
  const auto second = *Posting::make(world.uuid(), "second", Priority::Normal, *Value::parse("{}"));
  const auto path = post(second);
  CHECK(proxy.lost() == 1);
  CHECK(nodes() == 2);
  CHECK(world.data(path) == std::string(second.raw.json()));
}

TEST_CASE_METHOD(Loss, "a claim whose reply was lost is ours", "[services]") {
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  const auto held = claim();
  CHECK(proxy.lost() == 1);
  CHECK(owner() == "unlucky");
  CHECK(held.uuid == posting.uuid);
  CHECK(held.lock_czxid > 0);
  CHECK(world.await<Ended>([&](auto done) { process.board().consume(held, done); }).ok());
  CHECK(nodes() == 0);
}

TEST_CASE_METHOD(Loss, "a consume whose reply was lost is done", "[services]") {
  const auto held = claim();
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  CHECK(world.await<Ended>([&](auto done) { process.board().consume(held, done); }).ok());
  CHECK(proxy.lost() == 1);
  CHECK(nodes() == 0);
}

TEST_CASE_METHOD(Loss, "H27: an abandon whose reply was lost is done, the job is free", "[services]") {
  const auto held = claim();
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  CHECK(world.await<Ended>([&](auto done) { process.board().abandon(held, done); }).ok());
  CHECK(proxy.lost() == 1);
  CHECK(owner().empty());
  CHECK(nodes() == 1);
}

TEST_CASE_METHOD(Loss, "a trash whose reply was lost is done once", "[services]") {
  const auto held = claim();
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  CHECK(world.await<Ended>([&](auto done) { process.board().trash(held, "poison", done); }).ok());
  CHECK(proxy.lost() == 1);
  CHECK(nodes() == 0);
  CHECK(world.children(world.parent() + "/.trash").size() == 1);
}

TEST_CASE_METHOD(Loss, "an unreadable node is trashed once, also after a lost reply", "[services]") {
  const auto path = world.board() + "/job9000000001";
  world.create(path, "no json");
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  CHECK(world.await<Ended>([&](auto done) { process.board().trash_unreadable(path, "why", done); }).ok());
  CHECK(proxy.lost() == 1);
  CHECK(nodes() == 1);
  CHECK(world.children(world.parent() + "/.trash").size() == 1);
}

TEST_CASE_METHOD(Loss, "a lease whose reply was lost is one lease", "[services]") {
  const auto incarnation = world.incarnation();
  proxy.lose_reply_to_next(LossyProxy::Request::Multi);
  const auto number = world.await<Result<std::int32_t, DirectoryError>>(
      [&](auto done) { process.directory().lease_partition(InboxKind::Requests, 4, incarnation, done); });
  REQUIRE(number.ok());
  CHECK(proxy.lost() == 1);
  std::vector<std::string> holders;
  for (int n = 0; n < 4; ++n)
    for (const auto& name : world.children(world.root() + "/partitions/requests/" + std::to_string(n)))
      holders.push_back(std::to_string(n) + "/" + name);
  CHECK(holders == std::vector<std::string>{std::to_string(*number) + "/" + incarnation.value.to_string()});
}

TEST_CASE_METHOD(Loss, "an advert whose reply was lost is there", "[services]") {
  Advert advert;
  advert.name = "w";
  advert.inbox.emplace();
  advert.incarnation = world.incarnation();
  const auto write = [&] {
    return world.await<Result<void, DirectoryError>>(
        [&](auto done) { process.directory().advertise(advert, done); });
  };
  REQUIRE(write().ok());
  advert.state = AdvertState::Draining;
  proxy.lose_reply_to_next(LossyProxy::Request::SetData);
  REQUIRE(write().ok());
  CHECK(proxy.lost() == 1);
  const auto node = world.root() + "/workers/" + advert.incarnation.value.to_string();
  CHECK(world.data(node).value().find("DRAINING") != std::string::npos);
}
