#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::SweepTurn;

namespace {

template <class Stores>
struct BoardStory : StoreStory<Stores> {
  ports::BoardStanding meet(const std::string& board, std::uint32_t noted = 0) {
    Answer<ports::BoardStanding> answer;
    this->store->meet_board(board, noted, answer.done());
    const auto standing = this->wait(answer);
    INFO((standing.ok() ? "" : standing.error().message));
    REQUIRE(standing.ok());
    return *standing;
  }
  static ports::Sweep sweep(std::uint32_t generation, const std::string& sweeper,
                            const std::string& folder = "/jobs/") {
    return {generation, folder, Incarnation(test_uuid(std::hash<std::string>{}(sweeper), 'c'))};
  }
  SweepTurn take(const ports::Sweep& what) {
    Answer<SweepTurn> answer;
    this->store->take_sweep(what, answer.done());
    const auto turn = this->wait(answer);
    INFO((turn.ok() ? "" : turn.error().message));
    REQUIRE(turn.ok());
    return *turn;
  }
  void end(const ports::Sweep& what) {
    Answer<void> answer;
    this->store->end_sweep(what, answer.done());
    REQUIRE(this->wait(answer).ok());
  }
  ports::UnfinishedPage unfinished(const std::vector<std::string>& folders, std::uint64_t after,
                                   std::uint32_t limit) {
    Answer<ports::UnfinishedPage> answer;
    this->store->unfinished(folders, after, limit, answer.done());
    const auto page = this->wait(answer);
    INFO((page.ok() ? "" : page.error().message));
    REQUIRE(page.ok());
    return *page;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("I1: a board's generation stays, another board's is higher, and claims carry it",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  const auto first = story.meet("board-1");
  CHECK(first.generation == 1);
  CHECK(first.highest_zxid == 0);
  CHECK(story.meet("board-1").generation == 1);
  const auto second = story.meet("board-2");
  CHECK(second.generation == 2);
  auto request = story.request(posting("job-1"), 5, "c1");
  request.board_id = "board-2";
  CHECK(story.owned(request).epoch == Epoch{2, 5});
}

TEMPLATE_TEST_CASE("H13: the highest zxid of a generation's claims is known, whoever made them",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  story.owned(story.request(posting("job-1"), 300, "c1"));
  story.owned(story.request(posting("job-2"), 200, "c2"));
  story.owned(story.request(posting("job-3"), 250, "c1"));
  CHECK(story.meet("board-1").highest_zxid == 300);
  CHECK(story.meet("board-2").highest_zxid == 0);
}

TEMPLATE_TEST_CASE("H13: how often a board's identity was written is known, and never less",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  const auto mark = [&](std::int32_t version) {
    Answer<void> answer;
    story.store->mark_board("board-1", version, answer.done());
    REQUIRE(story.wait(answer).ok());
  };
  CHECK(story.meet("board-1").marked == 0);
  mark(3);
  CHECK(story.meet("board-1").marked == 3);
  mark(2);  // said late
  CHECK(story.meet("board-1").marked == 3);
  CHECK(story.meet("board-2").marked == 0);
}

TEMPLATE_TEST_CASE("H17: a database that has forgotten generations gives one above what the board remembers",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 300, "c1"));
  CHECK(claim.epoch == Epoch{1, 300});
  const auto after = story.meet("board-1", 7);
  CHECK(after.generation > 7);
  CHECK(after.highest_zxid == 0);
  CHECK(story.meet("board-1", after.generation).generation == after.generation);
  CHECK(story.owned(story.request(posting("job-1"), 4, "c2")).epoch == Epoch{after.generation, 4});
  CHECK(story.meet("board-2").generation > after.generation);
}

TEMPLATE_TEST_CASE("H12: one conductor at a time sweeps a board of a generation, once", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  const auto mine = story.sweep(1, "c1"), other = story.sweep(1, "c2");
  CHECK(story.take(mine) == SweepTurn::Ours);
  CHECK(story.take(other) == SweepTurn::Anothers);
  CHECK(story.take(mine) == SweepTurn::Ours);
  story.end(other);  // it is not its turn
  CHECK(story.take(mine) == SweepTurn::Ours);
  CHECK(story.take(story.sweep(1, "c2", "/shard.2/jobs/")) == SweepTurn::Ours);
  story.end(mine);
  CHECK(story.take(mine) == SweepTurn::Over);
  CHECK(story.take(other) == SweepTurn::Over);
  CHECK(story.take(story.sweep(2, "c2")) == SweepTurn::Ours);
}

TEMPLATE_TEST_CASE("H12: what has not ended on a board is listed in pages, in the order of arrival",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  BoardStory<TestType> story;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "job-" + std::to_string(i);
    story.owned(story.request(posting(name), 100 + i, "c1", "/jobs/" + name));
  }
  story.owned(story.request(posting("elsewhere"), 200, "c1", "/jobs.2/job"));
  const auto ended = story.owned(story.request(posting("job-1"), 201, "c1", "/jobs/job-1"));
  const auto runs = story.owned(story.request(posting("job-3"), 202, "c1", "/jobs/job-3"));
  story.must_append(story.first_step(ended, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
  story.must_append(story.step(ended, {flow_fact(2, FlowState::Running, FlowState::Reverted)}));
  story.must_append(story.first_step(runs, {flow_fact(1, FlowState::Pending, FlowState::Running)}));

  const auto first = story.unfinished({"/jobs/"}, 0, 3);
  REQUIRE(first.jobs.size() == 3);
  CHECK(first.more);
  CHECK(first.jobs[0].posting.raw == posting("job-0").raw);
  CHECK(first.jobs[1].posting.uuid == JobId("job-2"));
  CHECK(first.jobs[2].posting.uuid == JobId("job-3"));
  CHECK(first.jobs[2].flow == runs.flow);
  CHECK(first.jobs[2].board_path == "/jobs/job-3");
  CHECK(first.last == first.jobs[2].number);
  const auto second = story.unfinished({"/jobs/"}, first.last, 3);
  REQUIRE(second.jobs.size() == 1);
  CHECK_FALSE(second.more);
  CHECK(second.jobs[0].posting.uuid == JobId("job-4"));
  CHECK(story.unfinished({"/jobs/"}, second.last, 3).jobs.empty());
  const auto spread = story.unfinished({"/jobs.2/", "/none/", "/jobs/"}, first.last, 3);
  REQUIRE(spread.jobs.size() == 2);
  CHECK(spread.jobs[1].posting.uuid == JobId("elsewhere"));
}
