#include "common/zookeeper/board_id.h"

#include <catch2/catch.hpp>

using namespace baton::zookeeper;

TEST_CASE("a board's id node says its number of folders by the board's name, if it ever had several") {
  const auto board = BoardPath::parse("/taskflow/main/jobs").value();
  const auto other = BoardPath::parse("/taskflow/main/other").value();
  BoardId id = BoardId::parse(R"({"id": "a", "generation": 3})");
  CHECK(id.shards_of(board) == 1);
  CHECK_FALSE(id.notes_shards_of(board));
  CHECK(id.data() == R"({"id": "a", "generation": 3})");
  id.note_shards(board, 4);
  CHECK(id.data() == R"({"id": "a", "generation": 3, "shards": {"jobs": 4}})");
  const BoardId again = BoardId::parse(id.data());
  CHECK(again.id == "a");
  CHECK(again.generation == 3);
  CHECK(again.shards_of(board.shard(2, 4).value()) == 4);
  CHECK(again.shards_of(other) == 1);
}

TEST_CASE("what others wrote into a board's id node is an id as well as any, and no number of folders") {
  const auto board = BoardPath::parse("/taskflow/jobs").value();
  CHECK(BoardId::parse("by hand").id == "by hand");
  for (const char* data :
       {R"({"id": "a", "shards": 4})", R"({"id": "a", "shards": {"jobs": 65}})",
        R"({"id": "a", "shards": {"jobs": 0}})", R"({"id": "a", "shards": {"jobs": "4"}})"}) {
    const BoardId id = BoardId::parse(data);
    CHECK(id.id == "a");
    CHECK(id.shards_of(board) == 1);
    CHECK_FALSE(id.notes_shards_of(board));
  }
}

TEST_CASE("who is told another number of folders hears both, and what to do") {
  const auto board = BoardPath::parse("/taskflow/main/jobs").value();
  CHECK(other_shards(board.shard(0, 8).value(), 1) ==
        "conductor.board_shards is 8 here, but the board /taskflow/main/jobs is in 1 folder, as "
        "/taskflow/main/.baton/board-id says: nothing is done on it; set conductor.board_shards = 1, or end "
        "all "
        "conductors and let `baton admin shards` bring the board to the number in the file");
}
