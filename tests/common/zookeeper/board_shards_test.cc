#include "common/zookeeper/board_shards.h"

#include <catch2/catch.hpp>

#include "common/zookeeper/board_id.h"
#include "common/zookeeper/boards.h"
#include "common/zookeeper/session.h"
#include "tests/common/zookeeper/boards_story.h"
#include "tests/support/services.h"

using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

using Strays = std::map<std::string, std::size_t>;

/// One process that was told so many folders.
struct Told {
  Told(ZooKeeperWorld& world, runtime::AsioLoop& io, std::size_t shards)
      : session({.hosts = services().zookeeper,
                 .timeout = Millis{4000},
                 .file = {},
                 .death_note = {},
                 .note = {}},
                io, io),
        entropy(shards),
        board(zookeeper::make_board(
            session, zookeeper::board_paths(world.board(), static_cast<std::int64_t>(shards)).value(), "told",
            world.incarnation(), entropy)) {}

  zookeeper::Session session;
  memory::SeededEntropy entropy;
  const std::unique_ptr<JobBoard> board;
};

struct ShardsStory : BoardsStory {
  Told& told(std::size_t shards) {
    return *processes.emplace_back(std::make_unique<Told>(world, io, shards));
  }
  Result<std::string, BoardError> post(Told& by) {
    return await<std::string>([&, what = posting()](auto done) { by.board->post(what, done); });
  }
  Result<BoardIdentity, BoardError> identity(Told& of) {
    return await<BoardIdentity>([&](auto done) { of.board->identity(done); });
  }
  Result<zookeeper::ShardsOutcome, BoardError> change(std::size_t to, bool dry_run = false) {
    return zookeeper::change_shards(
        {services().zookeeper, Millis{4000}, Millis{20'000}, world.board(), world.root(), to, dry_run});
  }
  std::string id_node() { return world.data(world.parent() + "/.baton/board-id").value_or(""); }
  std::string put(const std::string& where, const std::string& name = "job9000000001") {
    world.create(where + "/" + name, R"({"uuid": "by hand", "name": "by hand"})");
    return where + "/" + name;
  }
  /// "may not": nothing is done for who was told another number.
  void may_not(Told& process) {
    CHECK(identity(process).error().code == BoardErrorCode::Refused);
    const auto posted = post(process);
    REQUIRE_FALSE(posted.ok());
    CHECK(posted.error().code == BoardErrorCode::Refused);
    CHECK(await<std::vector<BoardJob>>([&](auto done) { process.board->list(done); }).error().code ==
          BoardErrorCode::Refused);
  }

  std::vector<std::unique_ptr<Told>> processes;
};

}  // namespace

TEST_CASE_METHOD(ShardsStory, "a board has as many shards as who uses it first says, for all",
                 "[board][services]") {
  auto& first = told(3);
  const std::string job = post(first).value();
  CHECK(id_node().ends_with(R"("shards": {"jobs": 3}})"));
  for (const std::size_t other : {1, 2, 4}) {
    auto& process = told(other);
    may_not(process);
    CHECK(identity(process).error().message.find("conductor.board_shards is " + std::to_string(other) +
                                                 " here, but the board " + world.board() +
                                                 " is in 3 folders") == 0);
    const auto claim = await<BoardClaim>([&](auto done) { process.board->claim(job, done); });
    CHECK(claim.error().code == BoardErrorCode::Refused);
  }
  CHECK(world.children(folder(3)).empty());
  CHECK(world.children(world.board()).empty());
  auto known = identity(first).value();
  known.generation = 5;  // what conductors write each minute leaves the number there
  REQUIRE(await<void>([&](auto done) { first.board->identify(known, done); }).ok());
  CHECK(id_node().ends_with(R"("generation": 5, "shards": {"jobs": 3}})"));
}

TEST_CASE_METHOD(ShardsStory,
                 "a board that had one folder goes on without a number, and is not spread by a setting",
                 "[board][services]") {
  auto& first = told(1);
  REQUIRE(post(first).ok());
  CHECK(id_node().find("shards") == std::string::npos);
  CHECK(identity(first)->folders == std::vector<std::string>{world.board() + "/"});
  may_not(told(2));
  CHECK(id_node().find("shards") == std::string::npos);
}

TEST_CASE_METHOD(ShardsStory,
                 "the number is changed for all who look, and they hear of it at their next claim or post",
                 "[board][services]") {
  auto& before = told(2);
  BoardLog log;
  before.board->open(log);
  REQUIRE(until([&] { return log.listed > 0; }));
  const std::string id = identity(before)->id;
  const auto done = change(3);
  REQUIRE(done.ok());
  CHECK(done->found == 2);
  const std::string job = put(folder(0));
  REQUIRE(until([&] { return log.jobs.contains(job); }));
  const auto claim = await<BoardClaim>([&](auto then) { before.board->claim(job, then); });
  REQUIRE_FALSE(claim.ok());
  CHECK(claim.error().code == BoardErrorCode::Refused);
  may_not(before);
  const std::string later = put(folder(0), "job9000000002");  // what changes is listed at once
  CHECK(until([&] { return !log.refusals.empty(); }));
  auto& after = told(3);
  CHECK(await<BoardClaim>([&](auto then) { after.board->claim(job, then); }).ok());
  CHECK(identity(after)->id == id);
  world.remove(job + ".lock");
  world.remove(job);
  world.remove(later);
  REQUIRE(change(2).ok());
  CHECK(identity(before)->id == id);
}

TEST_CASE_METHOD(ShardsStory, "who posts after the number was changed is not told what was read before",
                 "[board][services]") {
  auto& process = told(2);
  REQUIRE(post(process).ok());
  std::optional<Result<std::string, BoardError>> before, after;
  process.board->post(posting(), [&](auto result) { before = result; });
  REQUIRE(change(3).ok());  // as a rule its look was answered before this, but nobody has heard the answer
  process.board->post(posting(), [&](auto result) { after = result; });
  REQUIRE(until([&] { return before && after; }));
  REQUIRE_FALSE(after->ok());
  CHECK(after->error().code == BoardErrorCode::Refused);
}

TEST_CASE_METHOD(ShardsStory, "the folder of the id, deleted by hand, is made again by who posts",
                 "[board][services]") {
  auto& process = told(1);
  REQUIRE(post(process).ok());
  world.remove(world.parent() + "/.baton/board-id");
  world.remove(world.parent() + "/.baton");
  static_cast<void>(post(process));  // finds it out
  CHECK(post(process).ok());
  CHECK_FALSE(id_node().empty());
}

TEST_CASE_METHOD(ShardsStory, "1, 3 and 1 again: the id stays, and with it every epoch",
                 "[board][services]") {
  const std::string id = identity(told(1))->id;
  REQUIRE(change(3).ok());
  const auto spread = identity(told(3)).value();
  CHECK(spread.id == id);
  CHECK(spread.folders.size() == 65);  // what has not ended is looked for in all that were its folders
  REQUIRE(change(1).ok());
  const auto back = identity(told(1)).value();
  CHECK(back.id == id);
  CHECK(back.folders == spread.folders);
}

TEST_CASE_METHOD(ShardsStory, "the number is not changed beside a conductor, and the message names it",
                 "[board][services]") {
  REQUIRE(post(told(1)).ok());
  world.create(world.root() + "/conductors/5d4f38ea-5b7a-4b2c-a6ab-0c6fd9a6e3a1", "another version's");
  const auto refused = change(2);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == BoardErrorCode::Refused);
  CHECK_THAT(refused.error().message,
             Catch::Contains("conductors are at work on the board " + world.board() + ": 5d4f38ea-"));
  CHECK(id_node().find("shards") == std::string::npos);
}

TEST_CASE_METHOD(ShardsStory, "the number is not changed while jobs would be left where nobody looks",
                 "[board][services]") {
  auto& first = told(4);
  REQUIRE(identity(first).ok());
  const std::string job = put(folder(3));
  const auto refused = change(3);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == BoardErrorCode::Refused);
  CHECK_THAT(refused.error().message, Catch::Contains("no conductor looks any more: 1 in " + folder(3)));
  CHECK_FALSE(change(3, true).ok());
  CHECK(change(5, true).ok());  // that folder would be listed as before
  CHECK(id_node().ends_with(R"({"jobs": 4}})"));
  world.remove(job);
  CHECK(change(3, true).ok());
  CHECK(id_node().ends_with(R"({"jobs": 4}})"));
  REQUIRE(change(3).ok());
  CHECK(id_node().ends_with(R"({"jobs": 3}})"));
  CHECK(change(3)->found == 3);
}

TEST_CASE_METHOD(ShardsStory, "of a board that nobody has used no number is noted by who only asks",
                 "[board][services]") {
  const auto done = change(7);
  REQUIRE(done.ok());
  CHECK_FALSE(done->there);
  CHECK(id_node().empty());
  const auto nowhere = zookeeper::change_shards(
      {services().zookeeper, Millis{4000}, Millis{20'000}, "/jobs", world.root(), 2, false});
  CHECK(nowhere.error().code == BoardErrorCode::Refused);
}

TEST_CASE_METHOD(ShardsStory,
                 "a job in a folder that is not listed any more is told of, and that it has gone",
                 "[board][services]") {
  REQUIRE(identity(told(4)).ok());
  REQUIRE(change(2).ok());
  const std::string job = put(folder(3));
  put(world.board());
  auto& conductor = told(2);
  BoardLog log;
  conductor.board->open(log);
  REQUIRE(until([&] { return log.listed > 0 && log.strays.size() == 2; }));
  CHECK(log.strays == Strays{{folder(3), 1}, {world.board(), 1}});
  CHECK(log.jobs.empty());
  world.remove(job);
  // Looked for with each full listing, every half minute.
  CHECK(pump_loop(
      io, [&] { return log.strays.at(folder(3)) == 0; }, Millis{90'000}));
  CHECK(log.strays.at(world.board()) == 1);
}
