#include "common/sqlite/flow_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "common/runtime/asio_loop.h"
#include "common/sqlite/connection.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::sqlite;
using ports::StoreErrorCode;

namespace {

struct Story {
  Story() { file = must_open(); }

  Result<std::unique_ptr<FlowFile>, FileError> open(StateFile::IfMissing if_missing) {
    return FlowFile::open(path, if_missing, loop, loop);
  }
  std::unique_ptr<FlowFile> must_open() {
    auto opened = open(StateFile::IfMissing::Make);
    INFO((opened.ok() ? "" : opened.error().message));
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
  FileError::Kind refused(const std::string& text) {
    const auto opened = open(StateFile::IfMissing::Refuse);
    REQUIRE_FALSE(opened.ok());
    CHECK_THAT(opened.error().message, Catch::Contains(text));
    return opened.error().kind;
  }

  template <class T>
  Result<T, ports::StoreError> wait(const std::function<void(ports::FlowStore::Done<T>)>& ask) {
    std::optional<Result<T, ports::StoreError>> answer;
    ask([&](Result<T, ports::StoreError> said) {
      answer.emplace(std::move(said));
      loop.stop();
    });
    while (!answer) loop.run();
    return *std::move(answer);
  }
  static ports::ClaimRequest request(const std::string& uuid) {
    ports::ClaimRequest request;
    request.new_flow = FlowId(Uuid{{static_cast<std::uint8_t>(uuid.back())}});
    request.posting = Posting::make(JobId(uuid), "job", Priority::Normal, Value::from_stored("{}")).value();
    request.board_path = "/jobs/" + uuid;
    request.board_id = "board";
    request.lock_czxid = 1;
    return request;
  }
  Result<ports::ClaimOutcome, ports::StoreError> claim(ports::FlowStore& store, const std::string& uuid) {
    return wait<ports::ClaimOutcome>([&](auto done) { store.claim(request(uuid), std::move(done)); });
  }
  std::size_t jobs() const { return file->database().jobs().size(); }

  test::ScratchFolder folder;
  const std::string path = folder.path() + "/flow.state";
  runtime::AsioLoop loop;
  std::unique_ptr<FlowFile> file;
};

struct Heard : ports::FlowStore::Listener {
  void on_reachable(bool) override {}
  void on_another_database(const std::string&) override {}
  void on_orders_missed() override { ++missed; }
  int missed = 0;
};

/// What when_kept says, each in its turn.
std::optional<bool> kept(Story& story) {
  std::optional<bool> said;
  story.file->when_kept([&](bool kept) {
    said = kept;
    story.loop.stop();
  });
  story.loop.after(Millis(10'000), [&] { story.loop.stop(); });
  story.loop.run();
  return said;
}

}  // namespace

TEST_CASE("what was answered is in the file", "[sqlite]") {
  Story story;
  auto store = story.file->open_store();
  REQUIRE(story.claim(*store, "job-1").ok());
  store.reset();
  story.file.reset();
  story.file = story.must_open();
  CHECK(story.jobs() == 1);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(story.path).permissions() == (perms::owner_read | perms::owner_write));
}

TEST_CASE("what was posted is kept until it is claimed", "[sqlite]") {
  Story story;
  for (const char* uuid : {"job-1", "job-2"}) story.file->keep_posting(Story::request(uuid).posting);
  auto store = story.file->open_store();
  REQUIRE(story.claim(*store, "job-1").ok());
  store.reset();
  story.file.reset();
  story.file = story.must_open();
  REQUIRE(story.file->postings().size() == 1);
  CHECK(story.file->postings()[0].uuid.value == "job-2");
}

/// A race at the end, if there is one, shows under TSan.
TEST_CASE("what is being written as the file ends is in it", "[sqlite]") {
  Story story;
  for (std::size_t count = 1; count <= 20; ++count) {
    story.file->keep_posting(Story::request("job-" + std::to_string(count)).posting);
    bool told = false;
    story.file->when_kept([&](bool) { told = true; });
    story.loop.post([&] { story.loop.stop(); });
    story.loop.run();  // it is handed over; whether it was kept is not heard of
    story.file.reset();
    story.file = story.must_open();
    CHECK_FALSE(told);
    CHECK(story.file->postings().size() == count);
  }
}

TEST_CASE("a commit that failed is told, its memory is void, and the next one works", "[sqlite]") {
  Story story;
  auto store = story.file->open_store();
  Heard heard;
  store->listen(heard);
  REQUIRE(story.claim(*store, "job-1").ok());
  story.file->refuse_commits(true);
  const auto lost = story.claim(*store, "job-2");
  REQUIRE_FALSE(lost.ok());
  CHECK(lost.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK(story.file->trouble() == story.path + ": the disk is full");
  CHECK(story.jobs() == 1);
  story.file->refuse_commits(false);
  const auto later = story.file->open_store();
  REQUIRE(story.claim(*later, "job-3").ok());
  CHECK(story.jobs() == 2);
  CHECK(heard.missed == 1);
  CHECK(story.file->trouble().empty());
}

TEST_CASE("whoever waits for a commit that failed hears that it did", "[sqlite]") {
  Story story;
  story.file->refuse_commits(true);
  story.file->keep_posting(Story::request("job-1").posting);
  CHECK(kept(story) == false);
  story.file->refuse_commits(false);
  story.file->keep_posting(Story::request("job-2").posting);
  CHECK(kept(story) == true);
  REQUIRE(story.file->postings().size() == 1);
  CHECK(story.file->postings()[0].uuid.value == "job-2");
}

TEST_CASE("a file that cannot be read again is not written, until it can be", "[sqlite]") {
  Story story;
  auto store = story.file->open_store();
  struct : Heard {
    void on_reachable(bool reachable) override {
      if (reachable) loop->stop();
    }
    runtime::AsioLoop* loop = nullptr;
  } heard;
  heard.loop = &story.loop;
  store->listen(heard);
  story.file->refuse_commits(true), story.file->refuse_reads(true);
  CHECK_FALSE(story.claim(*store, "job-1").ok());
  story.file->refuse_commits(false);
  CHECK(story.jobs() == 1);  // void, but not put back yet
  story.file->keep_posting(Story::request("job-2").posting);
  CHECK(kept(story) == false);
  story.file->refuse_reads(false);
  story.loop.run();
  CHECK(story.jobs() == 0);
  CHECK(story.file->postings().empty());
  REQUIRE(story.claim(*store, "job-3").ok());
  store.reset();
  story.file.reset();
  story.file = story.must_open();
  CHECK(story.jobs() == 1);
}

TEST_CASE("a reader is not told what is not on the disk", "[sqlite]") {
  Story story;
  auto store = story.file->open_store();
  story.file->refuse_commits(true);
  std::vector<std::string> answers;
  store->claim(Story::request("job-1"),
               [&](const auto& claimed) { answers.push_back(claimed.ok() ? "claimed" : "not claimed"); });
  const auto listed = story.wait<ports::JobPage>([&](auto done) { store->list({}, std::move(done)); });
  CHECK_FALSE(listed.ok());
  CHECK(answers == std::vector<std::string>{"not claimed"});
}

TEST_CASE("a file is one process's own", "[sqlite]") {
  Story story;
  CHECK(story.refused("is in use by another process, pid") == FileError::Kind::InUse);
  story.file.reset();
  {
    auto other = Connection::open(story.path);
    REQUIRE(other.ok());
    REQUIRE(other->run("BEGIN IMMEDIATE").ok());
    CHECK(story.refused("is locked by another program") == FileError::Kind::InUse);
  }
  story.file = story.must_open();
}

TEST_CASE("a file that is none of ours is refused and left as it is", "[sqlite]") {
  Story story;
  story.file.reset();
  std::filesystem::remove(story.path);
  CHECK(story.refused("no state file") == FileError::Kind::Missing);
  std::ofstream(story.path) << std::string(9'000, 'x');
  CHECK(story.refused("cannot be used as a state file") == FileError::Kind::NotOurs);
  CHECK(std::filesystem::file_size(story.path) == 9'000);
}

TEST_CASE("rows that do not fit each other are damage, not an assertion", "[sqlite]") {
  for (const char* harm :
       {"DELETE FROM atoms WHERE name = 'a'", "DELETE FROM history WHERE id = 1",
        "UPDATE jobs SET posting = 'no JSON'", "INSERT INTO ranges VALUES (1, 9, 1, 7, 0, 0)",
        "INSERT INTO ranges VALUES (1, 9, 0, 1, 4, 0)", "UPDATE jobs SET state = 11",
        "UPDATE jobs SET failure = '{'", "UPDATE jobs SET conductor = 'nobody'",
        "UPDATE atoms SET state = 9 WHERE name = 'a'", "UPDATE atoms SET state = -1 WHERE name = 'a'",
        "UPDATE atoms SET intention = 4 WHERE name = 'a'", "UPDATE atoms SET result = 'no JSON'",
        "UPDATE atoms SET history = '[7]'", "UPDATE history SET claim = '[' WHERE id = 1",
        "INSERT INTO orders VALUES (1, 'job-1', 1, '{', 0, NULL, '')",
        "INSERT INTO standing VALUES (4, 'x', 0, '')"}) {
    CAPTURE(harm);
    Story story;
    auto store = story.file->open_store();
    const auto claim = story.claim(*store, "job-1");
    ports::StepWrite write{claim->flow, claim->epoch, {{1, FlowFact{}}}, "plan", {"a", "b"}, {}};
    REQUIRE(story.wait<void>([&](auto done) { store->append(write, std::move(done)); }).ok());
    store.reset();
    story.file.reset();
    REQUIRE(Connection::open(story.path)->run(harm).ok());
    CHECK(story.refused("the file is damaged") == FileError::Kind::NotOurs);
  }
}

TEST_CASE("what its only owner does at once is on the disk with what is told next", "[sqlite]") {
  Story story;
  REQUIRE(story.file->database().claim(Story::request("job-a"), story.loop.wall()).ok());
  CHECK(kept(story) == true);
  story.file.reset();
  story.file = story.must_open();
  CHECK(story.jobs() == 1);
}

TEST_CASE("a new file whose log was lost with the power, whole or in part, is made anew", "[sqlite]") {
  namespace fs = std::filesystem;
  Story story;  // its log holds the tables, and nobody was told of anything yet
  const std::string path = story.path, log = path + "-wal";
  REQUIRE(fs::file_size(log) > 0);
  const std::string cut = story.folder.path() + "/cut.state";
  fs::copy_file(path, cut);
  SECTION("all of the log") {}
  SECTION("a part of it") {
    fs::copy_file(log, cut + "-wal");
    fs::resize_file(cut + "-wal", fs::file_size(log) / 2);
  }
  SECTION("its beginning") {
    fs::copy_file(log, cut + "-wal");
    std::fstream(cut + "-wal", std::ios::in | std::ios::out) << std::string(64, '\0');
  }
  SECTION("the file's own page, too") {
    fs::resize_file(cut, 0);
  }
  auto opened = FlowFile::open(cut, StateFile::IfMissing::Make, story.loop, story.loop);
  INFO((opened.ok() ? "" : opened.error().message));
  REQUIRE(opened.ok());
  story.file = std::move(opened).value();
  REQUIRE(story.file->database().claim(Story::request("job-a"), story.loop.wall()).ok());
  CHECK(kept(story) == true);
}

TEST_CASE("a file of an earlier version is made one of this, with all that it holds", "[sqlite]") {
  const std::string lacks =
      GENERATE(as<std::string>{}, "DROP TABLE hook_calls; DROP TABLE flow_files; PRAGMA user_version = 1",
               "DROP TABLE hook_calls; PRAGMA user_version = 2",
               "ALTER TABLE hook_calls DROP COLUMN attempts_before; PRAGMA user_version = 3");
  Story story;
  {
    const auto store = story.file->open_store();
    REQUIRE(story.claim(*store, "job-1").ok());
  }
  story.file.reset();
  {
    auto older = Connection::open(story.path);
    REQUIRE(older.ok());
    REQUIRE(older->run(lacks).ok());
    older->take_over();
  }
  story.file = story.must_open();
  CHECK(story.jobs() == 1);
  {
    const auto store = story.file->open_store();
    const auto put = story.wait<ports::FlowFileOutcome>([&](auto done) {
      store->put_flow_file({"deploy", "text", "digest", "ann", "", {}}, std::move(done));
    });
    REQUIRE(put.ok());
    const ports::NewStall stall{JobId("job-9"), 1, std::nullopt, 0, {"page", ports::HookEvent::Stalled, {}}};
    const auto recorded =
        story.wait<void>([&](auto done) { store->hooks()->record_stalls({stall}, std::move(done)); });
    REQUIRE(recorded.ok());
  }
  story.file.reset();
  story.file = story.must_open();
  CHECK(story.file->database().flow_file("deploy", 1)->content == "text");
  CHECK(story.file->database().hook_calls({})->calls.at(0).hook == "page");
}

TEST_CASE("a flow file with a version missing is damage", "[sqlite]") {
  Story story;
  {
    const auto store = story.file->open_store();
    for (const char* text : {"one", "two"}) {
      const auto put = story.wait<ports::FlowFileOutcome>([&](auto done) {
        store->put_flow_file({"deploy", text, text, "ann", "", {}}, std::move(done));
      });
      REQUIRE(put.ok());
    }
  }
  story.file.reset();
  {
    auto cut = Connection::open(story.path);
    REQUIRE(cut.ok());
    REQUIRE(cut->run("DELETE FROM flow_files WHERE version = 1").ok());
    cut->take_over();
  }
  CHECK(story.refused("a version of the flow file deploy is missing") == FileError::Kind::NotOurs);
}
