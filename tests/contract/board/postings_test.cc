#include "tests/contract/board/board_story.h"

using namespace baton;
using namespace baton::test;

TEMPLATE_TEST_CASE("what is posted is read back byte for byte", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& poster = world.process("poster");
  auto& watcher = world.process("watcher");
  open(world, watcher);
  const auto value =
      R"({"uuid": "any text", "name": "n\u00e9", "priority": "high", "details": {"x": 1.0}, "ours": [1]})";
  const auto what = Posting::parse(value);
  REQUIRE(what.ok());
  const auto path = post(world, poster, *what);
  CHECK(world.data(path) == value);
  REQUIRE(world.pump([&] { return watcher.board_log.jobs.contains(path); }));
  const auto& job = watcher.board_log.jobs[path];
  CHECK(job.posting.raw.json() == value);
  CHECK(job.posting.uuid.value == "any text");
  CHECK(job.posting.priority == Priority::High);
  CHECK_FALSE(job.claimed);
  CHECK(job.czxid > 0);
}

TEMPLATE_TEST_CASE("a job on a watched board is not posted twice, another run is", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& poster = world.process("poster");
  open(world, poster);
  const auto what = posting(world, "once");
  const auto path = post(world, poster, what);
  CHECK(post(world, poster, what) == path);
  REQUIRE(world.pump([&] { return poster.board_log.jobs.contains(path); }));
  CHECK(post(world, poster, what) == path);
  const auto next = Posting::make(what.uuid, what.name, what.priority, what.details, std::nullopt, 2);
  CHECK(post(world, poster, *next) != path);
  CHECK(list(world, poster)->size() == 2);
}

TEMPLATE_TEST_CASE("a posting over the bound is refused before the server sees it", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& poster = world.process("poster");
  const std::string large(kPostingBytesMax, 'x');
  const auto what = Posting::parse(R"({"uuid": "u", "name": ")" + large + "\"}");
  REQUIRE(what.ok());
  const auto path = world.template await<Path>([&](auto done) { poster.board().post(*what, done); });
  REQUIRE_FALSE(path.ok());
  CHECK(path.error().code == BoardErrorCode::TooLarge);
  CHECK(list(world, poster)->empty());
}

TEMPLATE_TEST_CASE("unreadable nodes are told of once and stop nothing", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  const auto good = post(world, a, posting(world, "good"));
  const std::map<std::string, std::string> bad{
      {"job9000000001", ""},         {"job9000000002", "no json"},
      {"job9000000003", "[]"},       {"job9000000004", R"({"name": "no uuid"})"},
      {"job9000000005", "\xff\xfe"}, {"jobs-meta", R"({"uuid": "u", "name": "n", "priority": null})"}};
  for (const auto& [name, data] : bad) world.create(world.board() + "/" + name, data);
  world.create(world.board() + "/meta", "no job at all");
  open(world, a);
  CHECK(a.board_log.unreadable.size() == bad.size());
  CHECK(a.board_log.jobs.size() == 1);
  const auto jobs = list(world, a);
  REQUIRE(jobs.ok());
  REQUIRE(jobs->size() == 1);
  CHECK(jobs->front().path == good);
  // Another change, another listing: the bad ones are not told of again.
  const auto later = post(world, a, posting(world, "later"));
  REQUIRE(world.pump([&] { return a.board_log.jobs.contains(later); }));
  CHECK(a.board_log.unreadable_told == static_cast<int>(bad.size()));
  CHECK_FALSE(claim(world, a, world.board() + "/job9000000002").ok());
}

TEMPLATE_TEST_CASE("an unreadable node goes to the trash as it is, unless somebody holds it", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  open(world, a);
  const auto path = world.board() + "/job9000000001";
  world.create(path, "no json");
  world.create(path + ".lock", R"({"owner": "python"})");
  const auto move = [&] {
    return world.template await<Ended>([&](auto done) { a.board().trash_unreadable(path, "no JSON", done); });
  };
  CHECK(move().error().code == BoardErrorCode::AlreadyClaimed);
  world.remove(path + ".lock");
  REQUIRE(move().ok());
  CHECK(world.children(world.board()).empty());
  CHECK(world.data(world.parent() + "/.trash/job9000000001") == "no json");
  CHECK(move().error().code == BoardErrorCode::JobGone);
}

TEMPLATE_TEST_CASE("a trashed job keeps its bytes and gets the reason", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  const auto what = Posting::parse(R"({"uuid": "u", "name": "n", "details": {"x": 1.0}})");
  const auto path = post(world, a, *what);
  const auto held = claimed(world, a, path);
  const auto moved =
      world.template await<Ended>([&](auto done) { a.board().trash(held, "poison: \"5\" tries", done); });
  REQUIRE(moved.ok());
  CHECK(world.children(world.board()).empty());
  const auto trashed = world.data(world.parent() + "/.trash" + path.substr(path.rfind('/')));
  CHECK(trashed ==
        R"({"uuid": "u", "name": "n", "details": {"x": 1.0}, "trash_reason": "poison: \"5\" tries"})");
}

TEMPLATE_TEST_CASE("a list is high priority first, oldest first", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  std::vector<std::string> names;
  post(world, a, posting(world, "low", Priority::Low));
  post(world, a, posting(world, "normal 1"));
  post(world, a, posting(world, "very high", Priority::VeryHigh));
  const auto path = post(world, a, posting(world, "normal 2"));
  claimed(world, a, path);
  const auto jobs = list(world, a);
  REQUIRE(jobs.ok());
  for (const auto& job : *jobs) {
    names.push_back(job.posting.name);
    CHECK(job.claimed == (job.path == path));
  }
  CHECK(names == std::vector<std::string>{"very high", "normal 1", "normal 2", "low"});
}

TEMPLATE_TEST_CASE("every watcher hears of every job, many at once", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  open(world, a);
  constexpr std::size_t kJobs = 500;
  std::size_t posted = 0;
  for (std::size_t i = 0; i < kJobs; ++i)
    b.board().post(posting(world, std::to_string(i)), [&](Path path) { posted += path.ok(); });
  open(world, b);
  REQUIRE(world.pump([&] {
    return posted == kJobs && a.board_log.jobs.size() == kJobs && b.board_log.jobs.size() == kJobs;
  }));
  std::size_t consumed = 0;
  for (const auto& [path, job] : a.board_log.jobs)
    a.board().claim(path, [&](Claimed held) {
      REQUIRE(held.ok());
      a.board().consume(*held, [&](Ended done) { consumed += done.ok(); });
    });
  REQUIRE(
      world.pump([&] { return consumed == kJobs && a.board_log.jobs.empty() && b.board_log.jobs.empty(); }));
  CHECK(world.children(world.board()).empty());
}
