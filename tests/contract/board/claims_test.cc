#include "tests/contract/board/board_story.h"

using namespace baton;
using namespace baton::test;

TEMPLATE_TEST_CASE("a claim has one winner", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  const auto path = post(world, a, posting(world, "wanted"));
  std::optional<Claimed> first, second;
  a.board().claim(path, [&](Claimed result) { first = std::move(result); });
  b.board().claim(path, [&](Claimed result) { second = std::move(result); });
  REQUIRE(world.pump([&] { return first && second; }));
  REQUIRE(first->ok() != second->ok());
  const auto& winner = first->ok() ? *first : *second;
  const auto& loser = first->ok() ? *second : *first;
  CHECK(loser.error().code == BoardErrorCode::AlreadyClaimed);
  CHECK(winner->path == path);
  CHECK(winner->lock_czxid > 0);
  CHECK_FALSE(winner->board_id.empty());
  CHECK(owner(world, a, path) == (first->ok() ? "a" : "b"));
  // The same process cannot claim it again, either.
  CHECK(claim(world, first->ok() ? a : b, path).error().code == BoardErrorCode::AlreadyClaimed);
}

TEMPLATE_TEST_CASE("an abandoned job is free again, the next lock has a higher number", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  open(world, b);
  const auto path = post(world, a, posting(world, "moves"));
  const auto first = claimed(world, a, path);
  REQUIRE(world.pump([&] { return b.board_log.jobs[path].claimed; }));
  REQUIRE(abandon(world, a, first).ok());
  REQUIRE(world.pump([&] { return !b.board_log.jobs[path].claimed; }));
  CHECK(owner(world, b, path).empty());
  const auto second = claimed(world, b, path);
  CHECK(second.lock_czxid > first.lock_czxid);
  CHECK(second.board_id == first.board_id);
  // What the first one held is void.
  CHECK(consume(world, a, first).error().code == BoardErrorCode::NotOwner);
  CHECK(owner(world, a, path) == "b");
}

TEMPLATE_TEST_CASE("consume removes job and lock", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  open(world, a);
  const auto path = post(world, a, posting(world, "done"));
  const auto held = claimed(world, a, path);
  REQUIRE(consume(world, a, held).ok());
  REQUIRE(world.pump([&] { return has(a.board_log.gone, path); }));
  CHECK(world.children(world.board()).empty());
  CHECK(claim(world, a, path).error().code == BoardErrorCode::JobGone);
  CHECK(a.board_log.lost_claims.empty());
}

TEMPLATE_TEST_CASE("a job that another removed is gone for its holder, and its lock too", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  const auto path = post(world, a, posting(world, "taken away"));
  const auto held = claimed(world, a, path);
  world.remove(path);
  CHECK(consume(world, a, held).error().code == BoardErrorCode::JobGone);
  CHECK(world.children(world.board()).empty());
}

TEMPLATE_TEST_CASE("H27: the end of a session frees its jobs, and its claims are refused", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  open(world, a);
  const auto path = post(world, a, posting(world, "survives"));
  const auto held = claimed(world, a, path);
  a.expire();
  REQUIRE(world.pump([&] { return a.board_log.sessions_lost == 1 && a.board_log.jobs.contains(path); }));
  CHECK_FALSE(a.board_log.jobs[path].claimed);
  const auto next = claimed(world, b, path);
  CHECK(next.lock_czxid > held.lock_czxid);
  for (const auto& result : {consume(world, a, held), abandon(world, a, held)}) {
    REQUIRE_FALSE(result.ok());
    const auto code = result.error().code;
    CHECK((code == BoardErrorCode::NotOwner || code == BoardErrorCode::SessionLost));
  }
  CHECK(owner(world, a, path) == "b");
}

TEMPLATE_TEST_CASE("H27: what was asked of a job in a session that has ended is not done in the next one",
                   "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  open(world, a);
  std::vector<std::string> paths;
  std::vector<BoardClaim> held;
  for (const char* name : {"abandoned", "consumed", "trashed"}) {
    paths.push_back(post(world, a, posting(world, name)));
    held.push_back(claimed(world, a, paths.back()));
  }
  std::vector<Ended> ended;
  const auto done = [&](Ended how) { ended.push_back(std::move(how)); };
  a.board().abandon(held[0], done);
  a.board().consume(held[1], done);
  a.board().trash(held[2], "poison", done);
  a.expire();  // before any of it has reached the server
  for (const auto& path : paths) claimed(world, b, path);
  REQUIRE(
      world.pump([&] { return ended.size() == 3 && a.board_log.sessions_lost == 1 && a.board_log.listed; }));
  for (const auto& how : ended) CHECK_FALSE(how.ok());
  for (const auto& path : paths) CHECK(owner(world, a, path) == "b");
  CHECK(list(world, a)->size() == 3);
  CHECK(world.children(world.parent() + "/.trash").empty());
}

TEMPLATE_TEST_CASE("H21: two of one name cannot end each other's claims", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("twin");
  auto& b = world.process("twin");
  const auto path = post(world, a, posting(world, "mine"));
  const auto held = claimed(world, a, path);
  CHECK(consume(world, b, held).error().code == BoardErrorCode::NotOwner);
  CHECK(abandon(world, b, held).error().code == BoardErrorCode::NotOwner);
  CHECK(owner(world, b, path) == "twin");
  CHECK(consume(world, a, held).ok());
}

TEMPLATE_TEST_CASE("H30: a holder learns that another's hand removed its lock", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  open(world, a);
  const auto path = post(world, a, posting(world, "robbed"));
  const auto held = claimed(world, a, path);
  world.remove(path + ".lock");
  REQUIRE(world.pump([&] { return has(a.board_log.lost_claims, path); }));
  CHECK(abandon(world, a, held).error().code == BoardErrorCode::NotOwner);
  CHECK(claim(world, a, path).ok());
}

TEMPLATE_TEST_CASE("a closed board frees what it held and answers what is asked", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  const auto path = post(world, a, posting(world, "left"));
  claimed(world, a, path);
  std::optional<Jobs> late;
  a.board().list([&](Jobs jobs) { late = std::move(jobs); });
  a.board().close();
  REQUIRE(world.pump([&] { return owner(world, b, path).empty(); }));
  REQUIRE(world.pump([&] { return late.has_value(); }));
  CHECK_FALSE(late->ok());
  CHECK_FALSE(list(world, a).ok());
}

TEMPLATE_TEST_CASE(
    "H27: a lock that no session's end will remove is told of, once a session, and so is its end",
    "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  const auto path = post(world, watcher, posting(world, "stuck"));
  const auto orphan = world.board() + "/job9999999999";
  for (const auto& job : {path, orphan}) world.create(job + ".lock", "{}");
  open(world, watcher);
  const auto& log = watcher.board_log;
  REQUIRE(world.pump([&] { return log.stuck.size() == 2; }));
  for (const auto& job : {path, orphan}) CHECK(has(log.stuck, job));
  watcher.expire();
  REQUIRE(world.pump([&] { return log.sessions_lost == 1 && log.stuck.size() == 4; }));
  for (const auto& job : {path, orphan}) world.remove(job + ".lock");
  REQUIRE(world.pump([&] { return log.stuck.empty(); }));
}
