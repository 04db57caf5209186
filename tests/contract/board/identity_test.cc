#include "tests/contract/board/board_story.h"

using namespace baton;
using namespace baton::test;

TEMPLATE_TEST_CASE(
    "H13: a board's id and generation are written by who has read the last word, and claims "
    "carry them at once",
    "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  const auto first = identity(world, a);
  CHECK_FALSE(first.id.empty());
  CHECK(first.generation == 0);
  CHECK(first.folders == std::vector{world.board() + "/"});
  CHECK(identity(world, b).id == first.id);
  const auto early = post(world, a, posting(world, "early"));
  CHECK(claimed(world, b, early).board_id == first.id);

  auto noted = first;
  noted.generation = 3;
  REQUIRE(identify(world, a, noted).ok());
  const auto late = identify(world, b, noted);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == BoardErrorCode::AlreadyClaimed);
  auto renewed = identity(world, b);
  CHECK(renewed.id == first.id);
  CHECK(renewed.generation == 3);
  renewed.id = "another-id";
  REQUIRE(identify(world, b, renewed).ok());
  // a has read the first one in this session: its claims must not carry it any more.
  const auto job = post(world, b, posting(world, "late"));
  CHECK(claimed(world, a, job).board_id == "another-id");
  CHECK(identity(world, a).generation == 3);
}

TEMPLATE_TEST_CASE("H13: a board's height is above every lock made before, and leaves nothing behind",
                   "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  const auto job = post(world, a, posting(world, "job"));
  const auto lock = claimed(world, a, job).lock_czxid;
  const auto first = height(world, b);
  CHECK(first > lock);
  CHECK(height(world, b) > first);
  const auto next = post(world, a, posting(world, "next"));
  CHECK(claimed(world, a, next).lock_czxid > first);
  for (const auto& name : world.children(world.parent() + "/.baton")) CHECK(name.find("height") != 0);
}
