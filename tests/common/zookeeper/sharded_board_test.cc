#include "common/zookeeper/sharded_board.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "common/zookeeper/session.h"
#include "tests/common/zookeeper/boards_story.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/services.h"
#include "tests/support/session_ender.h"

using namespace baton;
using namespace baton::ports;
using namespace baton::test;
using zookeeper::BoardPath;
using zookeeper::shard_of;
using zookeeper::ShardedJobBoard;

namespace {

constexpr std::size_t kShards = 3;

/// One process with a board of three shards in the ZooKeeper of the services.
struct ShardedProcess {
  ShardedProcess(ZooKeeperWorld& world, runtime::AsioLoop& io, const std::string& owner)
      : file(folder.path() + "/" + owner),
        session({.hosts = services().zookeeper,
                 .timeout = Millis{4000},
                 .file = file,
                 .death_note = {},
                 .note = {}},
                io, io),
        entropy(std::hash<std::string>{}(owner)),
        board(session, {paths(world.board()), owner, world.incarnation()}, entropy) {}

  static std::vector<BoardPath> paths(const std::string& whole) {
    std::vector<BoardPath> shards;
    for (std::size_t n = 0; n < kShards; ++n)
      shards.push_back(BoardPath::parse(whole)->shard(n, kShards).value());
    return shards;
  }

  ScratchFolder folder;
  const std::string file;
  zookeeper::Session session;
  memory::SeededEntropy entropy;
  ShardedJobBoard board;
  BoardLog log;
};

struct ShardedStory : BoardsStory {
  ShardedProcess& process(const std::string& owner) {
    return *processes.emplace_back(std::make_unique<ShardedProcess>(world, io, owner));
  }
  std::string post(ShardedProcess& process, const Posting& what) {
    return await<std::string>([&](auto done) { process.board.post(what, done); }).value();
  }

  std::vector<std::unique_ptr<ShardedProcess>> processes;
};

}  // namespace

TEST_CASE("a shard of a board has a trash of its own, and the id of all", "[board]") {
  const auto board = BoardPath::parse("/taskflow/main/jobs").value();
  const auto first = board.shard(0, 12).value(), last = board.shard(11, 12).value();
  CHECK(last.jobs() == "/taskflow/main.11/jobs");
  CHECK(last.trash() == "/taskflow/main.11/.trash");
  CHECK(last.id_node() == board.id_node());  // whatever the number is
  CHECK(first.id_node() == "/taskflow/main/.baton/board-id");
  CHECK(last.listed_folders(2) == std::vector<std::string>{"/taskflow/main.0/jobs", "/taskflow/main.1/jobs"});
  CHECK(board.listed_folders(1) == std::vector<std::string>{"/taskflow/main/jobs"});
  CHECK(first.all_folders().size() == 65);
  CHECK(first.unlisted_folders(63) ==
        std::vector<std::string>{"/taskflow/main/jobs", "/taskflow/main.63/jobs"});
  CHECK_FALSE(BoardPath::parse("/jobs")->shard(0, 2).ok());
  CHECK(BoardPath::parse("/jobs")->all_folders() == std::vector<std::string>{"/jobs"});
}

TEST_CASE("which shard a job belongs to is CRC-32's word, so that others can reckon it", "[board]") {
  CHECK(shard_of("123456789", 1'000) == 0xCBF43926U % 1'000);  // the sum that the standard checks itself by
  std::vector<int> hits(8);
  for (int i = 0; i < 8'000; ++i) ++hits[shard_of("job-" + std::to_string(i), hits.size())];
  CHECK(*std::min_element(hits.begin(), hits.end()) > 800);
}

TEST_CASE_METHOD(ShardedStory,
                 "jobs go to the shard of their uuid, and are seen, claimed and consumed as on one board",
                 "[board][services]") {
  auto& poster = process("poster");
  auto& conductor = process("conductor");
  conductor.board.open(conductor.log);
  std::map<std::string, Posting> posted;
  for (int i = 0; i < 30; ++i) {
    const Posting what = posting();
    const std::string path = post(poster, what);
    CHECK(path.starts_with(folder(shard_of(what.uuid.value, kShards)) + "/job"));
    posted.emplace(path, what);
  }
  REQUIRE(until([&] { return conductor.log.jobs.size() == posted.size() && conductor.log.listed > 0; }));
  for (std::size_t n = 0; n < kShards; ++n) CHECK_FALSE(world.children(folder(n)).empty());
  const auto listed = await<std::vector<BoardJob>>([&](auto done) { poster.board.list(done); });
  REQUIRE(listed.ok());
  CHECK(listed->size() == posted.size());
  CHECK(std::is_sorted(listed->begin(), listed->end(),
                       [](const BoardJob& a, const BoardJob& b) { return a.czxid < b.czxid; }));
  for (const auto& [path, what] : posted) {
    const auto claim = await<BoardClaim>([&](auto done) { conductor.board.claim(path, done); });
    REQUIRE(claim.ok());
    CHECK(claim->uuid == what.uuid);
    CHECK(claim->board_id == await<BoardIdentity>([&](auto done) { poster.board.identity(done); })->id);
    CHECK(await<std::string>([&](auto done) { poster.board.owner(path, done); }).value() == "conductor");
    REQUIRE(await<void>([&](auto done) { conductor.board.consume(*claim, done); }).ok());
  }
  REQUIRE(until([&] { return conductor.log.jobs.empty(); }));
}

TEST_CASE_METHOD(ShardedStory, "a uuid that is posted twice is one node of its shard", "[board][services]") {
  auto& poster = process("poster");
  poster.board.open(poster.log);
  REQUIRE(until([&] { return poster.log.listed > 0; }));
  const Posting what = posting();
  const std::string path = post(poster, what);
  CHECK(post(poster, what) == path);
  CHECK(world.children(folder(shard_of(what.uuid.value, kShards))).size() == 1);
}

TEST_CASE_METHOD(ShardedStory, "the end of the session is told once, and everything is listed anew",
                 "[board][services]") {
  auto& conductor = process("conductor");
  conductor.board.open(conductor.log);
  for (int i = 0; i < 10; ++i) post(conductor, posting());
  REQUIRE(until([&] { return conductor.log.jobs.size() == 10 && conductor.log.listed > 0; }));
  const auto claim =
      await<BoardClaim>([&](auto done) { conductor.board.claim(conductor.log.jobs.begin()->first, done); });
  REQUIRE(claim.ok());
  end_session_of_file(conductor.file);
  REQUIRE(until([&] { return conductor.log.sessions_lost == 1 && conductor.log.listed > 0; }));
  CHECK(conductor.log.jobs.size() == 10);
  CHECK(conductor.log.sessions_lost == 1);
  CHECK_FALSE(conductor.log.jobs.at(claim->path).claimed);
  CHECK(await<BoardClaim>([&](auto done) { conductor.board.claim(claim->path, done); }).ok());
}

TEST_CASE_METHOD(ShardedStory,
                 "the board's identity is one: written through one process it holds for all shards",
                 "[board][services]") {
  auto& first = process("first");
  auto& second = process("second");
  const Posting what[] = {posting(), posting(), posting(), posting(), posting(), posting()};
  std::vector<std::string> paths;
  for (const auto& one : what) paths.push_back(post(second, one));  // it has read the id
  auto identity = await<BoardIdentity>([&](auto done) { first.board.identity(done); }).value();
  CHECK(identity.folders.front() == world.board() + "/");
  CHECK(identity.folders.back() == world.parent() + ".63/jobs/");
  identity.generation = 7;
  identity.id = "another";
  REQUIRE(await<void>([&](auto done) { first.board.identify(identity, done); }).ok());
  for (const auto& path : paths) {
    const auto claim = await<BoardClaim>([&](auto done) { second.board.claim(path, done); });
    REQUIRE(claim.ok());
    CHECK(claim->board_id == "another");
  }
}

TEST_CASE_METHOD(ShardedStory, "the board is listed each time that all of its shards are, not one of them",
                 "[board][services]") {
  constexpr int kChanges = 20;
  auto& conductor = process("conductor");
  conductor.board.open(conductor.log);
  REQUIRE(until([&] { return conductor.log.listed > 0; }));
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kChanges; ++i) {
    const std::string path = folder(0) + "/job900000000" + std::to_string(i);
    world.create(path, R"({"uuid": ")" + std::to_string(i) + R"(", "name": "busy shard"})");
    REQUIRE(until([&] { return conductor.log.jobs.contains(path); }));
  }
  // Each shard is listed every half minute beside.
  const auto halves = (std::chrono::steady_clock::now() - begun) / std::chrono::seconds{30};
  CHECK(conductor.log.listed <= 2 + static_cast<int>(halves));
  const int before = conductor.log.listed;
  for (std::size_t n = 0; n < kShards; ++n)
    world.create(folder(n) + "/job9900000000",
                 R"({"uuid": "last-)" + std::to_string(n) + R"(", "name": "n"})");
  CHECK(until([&] { return conductor.log.listed > before; }));
}
