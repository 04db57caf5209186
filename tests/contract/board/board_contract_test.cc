#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

using Path = Result<std::string, BoardError>;
using Claimed = Result<BoardClaim, BoardError>;
using Ended = Result<void, BoardError>;
using Jobs = Result<std::vector<BoardJob>, BoardError>;
using Identity = Result<BoardIdentity, BoardError>;
using Height = Result<std::int64_t, BoardError>;

Posting posting(World& world, const std::string& name, Priority priority = Priority::Normal) {
  auto made = Posting::make(world.uuid(), name, priority, *Value::parse(R"({"factory": {"name": "f"}})"));
  REQUIRE(made.ok());
  return *made;
}

std::string post(World& world, Process& process, const Posting& what) {
  const auto path = world.await<Path>([&](auto done) { process.board().post(what, done); });
  REQUIRE(path.ok());
  return *path;
}

Claimed claim(World& world, Process& process, const std::string& path) {
  return world.await<Claimed>([&](auto done) { process.board().claim(path, done); });
}

BoardClaim claimed(World& world, Process& process, const std::string& path) {
  const auto result = claim(world, process, path);
  INFO((result.ok() ? "" : result.error().message));
  REQUIRE(result.ok());
  return *result;
}

Ended abandon(World& world, Process& process, const BoardClaim& what) {
  return world.await<Ended>([&](auto done) { process.board().abandon(what, done); });
}

Ended consume(World& world, Process& process, const BoardClaim& what) {
  return world.await<Ended>([&](auto done) { process.board().consume(what, done); });
}

Jobs list(World& world, Process& process) {
  return world.await<Jobs>([&](auto done) { process.board().list(done); });
}

std::string owner(World& world, Process& process, const std::string& path) {
  const auto name = world.await<Path>([&](auto done) { process.board().owner(path, done); });
  REQUIRE(name.ok());
  return *name;
}

BoardIdentity identity(World& world, Process& process) {
  const auto read = world.await<Identity>([&](auto done) { process.board().identity(done); });
  INFO((read.ok() ? "" : read.error().message));
  REQUIRE(read.ok());
  return *read;
}

Ended identify(World& world, Process& process, const BoardIdentity& what) {
  return world.await<Ended>([&](auto done) { process.board().identify(what, done); });
}

std::int64_t height(World& world, Process& process) {
  const auto now = world.await<Height>([&](auto done) { process.board().height(done); });
  INFO((now.ok() ? "" : now.error().message));
  REQUIRE(now.ok());
  return *now;
}

void open(World& world, Process& process) {
  process.board().open(process.board_log);
  REQUIRE(world.pump([&] { return process.board_log.listed > 0; }, 20s));
}

template <class T>
bool has(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

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
  CHECK(first.folder == world.board() + "/");
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
