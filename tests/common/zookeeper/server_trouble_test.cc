#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"
#include "tests/support/own_zookeeper.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

constexpr Millis kTimeout{1000};

/// A watching process that holds one job and has an advert, on a server that can be harmed.
struct Trouble {
  OwnZooKeeper server;
  ZooKeeperWorld world{server.hosts(), kTimeout};
  Process& process = world.process("holder");
  Advert advert;
  BoardClaim held;

  Trouble() {
    process.board().open(process.board_log);
    process.directory().open(process.directory_log);
    advert.name = "w";
    advert.inbox.emplace();
    advert.incarnation = world.incarnation();
    REQUIRE(world
                .await<Result<void, DirectoryError>>(
                    [&](auto done) { process.directory().advertise(advert, done); })
                .ok());
    held = post_and_claim("first");
    REQUIRE(world.pump([&] { return process.directory().silent_for() < kTimeout / 2; }));
    CHECK(process.directory().timeout() == kTimeout);
  }

  BoardClaim post_and_claim(const std::string& name) {
    const auto posting = Posting::make(world.uuid(), name, Priority::Normal, *Value::parse("{}"));
    const auto path = world.await<Result<std::string, BoardError>>(
        [&](auto done) { process.board().post(*posting, done); });
    REQUIRE(path.ok());
    const auto claim =
        world.await<Result<BoardClaim, BoardError>>([&](auto done) { process.board().claim(*path, done); });
    REQUIRE(claim.ok());
    return *claim;
  }
};

}  // namespace

TEST_CASE("a session timeout that the server does not grant is told, once", "[services]") {
  OwnZooKeeper server;  // grants a second at least
  ZooKeeperWorld world{server.hosts(), 300ms};
  Process& process = world.process("hasty");
  process.board().open(process.board_log);
  REQUIRE(world.pump([&] { return process.board_log.listed == 1; }));
  CHECK(process.directory().timeout() == 1000ms);
  process.expire();
  REQUIRE(world.pump([&] { return process.board_log.sessions_lost == 1 && process.board_log.listed == 1; }));
  const auto of_timeout = [](const std::string& note) { return note.find("session timeout") != note.npos; };
  REQUIRE(std::count_if(world.notes.begin(), world.notes.end(), of_timeout) == 1);
  CHECK_THAT(*std::find_if(world.notes.begin(), world.notes.end(), of_timeout),
             Catch::Contains("grants a session timeout of 1000 ms where 300 ms were asked for"));
}

TEST_CASE_METHOD(Trouble, "H12: a wiped server is the end of the session, and another board", "[services]") {
  server.wipe();
  REQUIRE(
      world.pump([&] { return process.board_log.sessions_lost == 1 && process.board_log.listed > 0; }, 30s));
  CHECK(process.directory_log.sessions_lost == 1);
  REQUIRE(world.notes.size() == 1);
  CHECK(world.notes.front().find("wiped or restored") != std::string::npos);
  CHECK(process.board_log.jobs.empty());
  const auto next = post_and_claim("second");
  CHECK(next.board_id != held.board_id);
  // The advert was written again, under the same incarnation.
  REQUIRE(world.pump([&] { return process.directory_log.workers == std::vector<Advert>{advert}; }));
}

TEST_CASE_METHOD(Trouble,
                 "H13: a restored server is the end of the session, its id is the old one, its numbers tell",
                 "[services]") {
  server.backup();
  REQUIRE(world.pump([&] { return process.directory().silent_for() < kTimeout / 2; }, 30s));
  BoardClaim last;
  for (int i = 0; i < 20; ++i) last = post_and_claim("behind the backup");
  server.restore();
  REQUIRE(
      world.pump([&] { return process.board_log.sessions_lost == 1 && process.board_log.listed > 0; }, 30s));
  const auto identity =
      world.await<Result<BoardIdentity, BoardError>>([&](auto done) { process.board().identity(done); });
  REQUIRE(identity.ok());
  CHECK(identity->id == last.board_id);
  const auto height =
      world.await<Result<std::int64_t, BoardError>>([&](auto done) { process.board().height(done); });
  REQUIRE(height.ok());
  CHECK(*height < last.lock_czxid);
}

TEST_CASE_METHOD(Trouble, "a restarted server is the same session, claims hold", "[services]") {
  server.restart();
  REQUIRE(world.pump([&] { return process.board_log.disconnected > 0; }));
  REQUIRE(world.pump([&] { return process.directory().silent_for() < kTimeout / 2; }, 30s));
  CHECK(process.board_log.sessions_lost == 0);
  CHECK(world.notes.empty());
  const auto done =
      world.await<Result<void, BoardError>>([&](auto then) { process.board().consume(held, then); });
  CHECK(done.ok());
}

TEST_CASE_METHOD(Trouble, "a paused server leaves the session silent, it goes on when the server does",
                 "[services]") {
  server.pause();
  REQUIRE(world.pump([&] { return process.directory().silent_for() > kTimeout * 2 / 3; }));
  REQUIRE(world.pump([&] { return process.board_log.disconnected > 0; }));
  // Cut off for several timeouts: nobody else gets a session either, so ours is kept.
  REQUIRE(world.pump([&] { return process.directory().silent_for() > kTimeout * 4; }));
  CHECK(process.board_log.sessions_lost == 0);
  server.resume();
  REQUIRE(world.pump([&] { return process.directory().silent_for() < kTimeout / 2; }, 30s));
  // Whether the server still knew the session is its business; the board is usable again.
  REQUIRE(world.pump([&] { return process.board_log.listed > 0; }));
  post_and_claim("second");
}

/// As while a conductor drains: what is still asked of it hears why, at once.
TEST_CASE_METHOD(Trouble, "a board that was closed says so, not that the server is away", "[services]") {
  process.board().close();
  const std::string closed = "this process has closed the board: it is ending";
  const auto jobs =
      world.await<Result<std::vector<BoardJob>, BoardError>>([&](auto done) { process.board().list(done); });
  REQUIRE_FALSE(jobs.ok());
  CHECK(jobs.error().code == BoardErrorCode::Unavailable);
  CHECK(jobs.error().message == closed);
  const auto claim = world.await<Result<BoardClaim, BoardError>>(
      [&](auto done) { process.board().claim(held.path + "0", done); });
  REQUIRE_FALSE(claim.ok());
  CHECK(claim.error().message == closed);
}

TEST_CASE("verbs without a server are unavailable after a while, and nothing is done", "[services]") {
  ZooKeeperWorld world;
  auto& process = world.process_through("127.0.0.1:1", "alone");
  const auto jobs =
      world.await<Result<std::vector<BoardJob>, BoardError>>([&](auto done) { process.board().list(done); });
  REQUIRE_FALSE(jobs.ok());
  CHECK(jobs.error().code == BoardErrorCode::Unavailable);
  CHECK(jobs.error().message.find("cannot be reached") != std::string::npos);
  CHECK(process.directory().silent_for() == Millis::max());
}
