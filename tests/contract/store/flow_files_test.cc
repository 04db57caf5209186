#include <set>

#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::FlowFileVerdict;
using ports::StoreErrorCode;

namespace {

using Versions = std::vector<std::string>;

template <class Stores>
struct FlowFileStory : StoreStory<Stores> {
  using Put = ports::FlowFilePut;

  static Put file(const std::string& name, const std::string& content,
                  std::optional<std::uint32_t> if_version = {}, const std::string& who = "ann@ops") {
    return {name, content, "digest of " + content, who, "because \"it is\"\nso", if_version};
  }
  static Answer<ports::FlowFileOutcome> begin_put(ports::FlowStore& store, const Put& put) {
    Answer<ports::FlowFileOutcome> answer;
    store.put_flow_file(put, answer.done());
    return answer;
  }
  ports::FlowFileOutcome put(const Put& put) {
    const auto outcome = this->wait(begin_put(*this->store, put));
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    return *outcome;
  }
  std::uint32_t stored(const Put& asked) {
    const auto outcome = put(asked);
    REQUIRE(outcome.verdict == FlowFileVerdict::Stored);
    return outcome.newest->version;
  }
  Result<ports::StoredFlowFile, ports::StoreError> get(const std::string& name, std::uint32_t version = 0) {
    Answer<ports::StoredFlowFile> answer;
    this->store->flow_file(name, version, answer.done());
    return this->wait(answer);
  }
  std::string content(const std::string& name, std::uint32_t version = 0) {
    const auto found = get(name, version);
    INFO((found.ok() ? "" : found.error().message));
    REQUIRE(found.ok());
    return found->content;
  }
  static Versions shown(const ports::FlowFilePage& page) {
    Versions all;
    for (const auto& one : page.files) all.push_back(one.name + "@" + std::to_string(one.version));
    if (page.more) all.push_back("more");
    return all;
  }
  Versions list(const std::string& after, std::uint32_t limit) {
    Answer<ports::FlowFilePage> answer;
    this->store->flow_files(after, limit, answer.done());
    const auto page = this->wait(answer);
    REQUIRE(page.ok());
    return shown(*page);
  }
  Result<ports::FlowFilePage, ports::StoreError> versions(const std::string& name, std::uint32_t before,
                                                          std::uint32_t limit) {
    Answer<ports::FlowFilePage> answer;
    this->store->flow_file_versions(name, before, limit, answer.done());
    return this->wait(answer);
  }
};

}  // namespace

TEMPLATE_TEST_CASE("each put of another content is the next version, and none of them changes",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  FlowFileStory<TestType> story;
  const auto first = story.put(story.file("deploy", "one"));
  REQUIRE(first.verdict == FlowFileVerdict::Stored);
  CHECK(first.newest->name == "deploy");
  CHECK(first.newest->version == 1);
  CHECK(first.newest->digest == "digest of one");
  CHECK(first.newest->who == "ann@ops");
  CHECK(first.newest->why == "because \"it is\"\nso");
  CHECK(first.newest->stored_at > TimePoint{});
  CHECK(story.stored(story.file("deploy", "two")) == 2);
  CHECK(story.stored(story.file("other", "one")) == 1);
  CHECK(story.content("deploy", 1) == "one");
  CHECK(story.content("deploy", 2) == "two");
  CHECK(story.content("deploy") == "two");
  CHECK(story.get("deploy", 1)->about == *first.newest);
}

TEMPLATE_TEST_CASE("the newest content again is the newest version, an older one again is a new version",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  FlowFileStory<TestType> story;
  story.stored(story.file("deploy", "one"));
  const auto again = story.put(story.file("deploy", "one", {}, "bob@ops"));
  CHECK(again.verdict == FlowFileVerdict::Same);
  CHECK(again.newest->version == 1);
  CHECK(again.newest->who == "ann@ops");
  CHECK(story.stored(story.file("deploy", "two")) == 2);
  CHECK(story.stored(story.file("deploy", "one")) == 3);
  CHECK(story.content("deploy") == "one");
}

TEMPLATE_TEST_CASE("a put for another version than the newest is refused, and nothing is stored",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  FlowFileStory<TestType> story;
  const auto none = story.put(story.file("deploy", "one", 1));
  CHECK(none.verdict == FlowFileVerdict::OtherVersion);
  CHECK_FALSE(none.newest);
  CHECK(story.list("", 10) == Versions{});
  CHECK(story.get("deploy").error().code == StoreErrorCode::NotFound);
  CHECK(story.versions("deploy", 0, 10).error().code == StoreErrorCode::NotFound);
  CHECK(story.stored(story.file("deploy", "one", 0)) == 1);
  const auto stale = story.put(story.file("deploy", "two", 0));
  CHECK(stale.verdict == FlowFileVerdict::OtherVersion);
  CHECK(stale.newest->version == 1);
  CHECK(stale.newest->who == "ann@ops");
  CHECK(story.stored(story.file("deploy", "two", 1)) == 2);
  CHECK(story.put(story.file("deploy", "two", 1)).verdict == FlowFileVerdict::Same);  // asked again
  CHECK(story.content("deploy") == "two");
}

TEST_CASE("a refused put leaves no row of its name in Postgres", "[contract][store]") {
  FlowFileStory<PostgresStores> story;
  CHECK(story.put(story.file("deploy", "one", 1)).verdict == FlowFileVerdict::OtherVersion);
  CHECK(story.stores.schema().psql()("select count(*) from flow_file_names") == "0");
}

TEMPLATE_TEST_CASE("of puts at the same time none is lost, and one only for a version comes through",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  FlowFileStory<TestType> story;
  const auto other = story.stores.open();
  std::vector<Answer<ports::FlowFileOutcome>> free, bound;
  for (int i = 0; i < 8; ++i)
    free.push_back(story.begin_put(i % 2 ? *other : *story.store,
                                   story.file(i % 3 ? "deploy" : "backup", "text " + std::to_string(i))));
  std::set<std::string> seen;
  for (const auto& answer : free) {
    const auto outcome = story.wait(answer);
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    CHECK(outcome->verdict == FlowFileVerdict::Stored);
    const auto& about = *outcome->newest;
    CHECK(seen.insert(about.name + std::to_string(about.version)).second);
    CHECK(about.digest == "digest of " + story.content(about.name, about.version));
  }
  CHECK(story.list("", 10) == Versions{"backup@3", "deploy@5"});
  for (int i = 0; i < 6; ++i)
    bound.push_back(
        story.begin_put(i % 2 ? *other : *story.store, story.file("deploy", "next " + std::to_string(i), 5)));
  int through = 0;
  for (const auto& answer : bound) through += story.wait(answer)->verdict == FlowFileVerdict::Stored;
  CHECK(through == 1);
  CHECK(story.get("deploy")->about.version == 6);
}

TEMPLATE_TEST_CASE("flow files are listed by name, and a file's versions newest first, in pages",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  FlowFileStory<TestType> story;
  for (const char* name : {"b", "a-b", "B", "ab", "a"}) story.stored(story.file(name, "x"));
  for (int i = 0; i < 4; ++i) story.stored(story.file("a", std::to_string(i)));
  CHECK(story.list("", 3) == Versions{"B@1", "a@5", "a-b@1", "more"});
  CHECK(story.list("a-b", 3) == Versions{"ab@1", "b@1"});
  CHECK(story.list("b", 3) == Versions{});
  CHECK(story.shown(*story.versions("a", 0, 2)) == Versions{"a@5", "a@4", "more"});
  CHECK(story.shown(*story.versions("a", 4, 3)) == Versions{"a@3", "a@2", "a@1"});
  CHECK(story.shown(*story.versions("a", 1, 3)) == Versions{});
  CHECK(story.shown(*story.versions("a", 99, 1)) == Versions{"a@5", "more"});
  CHECK(story.versions("c", 0, 3).error().code == StoreErrorCode::NotFound);
  CHECK(story.get("a", 6).error().code == StoreErrorCode::NotFound);
  CHECK(story.get("a", 6).error().message.find("'a' of version 6") != std::string::npos);
}

TEST_CASE("at the bound of a name's versions a put is refused", "[contract][store]") {
  FlowFileStory<MemoryStores> story;
  for (std::uint32_t i = 1; i <= kFlowFileVersionsMax; ++i)
    REQUIRE(story.stored(story.file("deploy", std::to_string(i))) == i);
  const auto refused = story.put(story.file("deploy", "one more"));
  CHECK(refused.verdict == FlowFileVerdict::TooMany);
  CHECK(refused.newest->version == kFlowFileVersionsMax);
  CHECK(story.stored(story.file("other", "one more")) == 1);
}

/// With so many names as there can be.
template <class Stores>
void check_full(FlowFileStory<Stores>& story) {
  const auto refused = story.put(story.file("one-more", "x"));
  CHECK(refused.verdict == FlowFileVerdict::TooManyNames);
  CHECK_FALSE(refused.newest);
  CHECK(story.put(story.file("one-more", "x", 0)).verdict == FlowFileVerdict::TooManyNames);
  CHECK(story.put(story.file("one-more", "x", 3)).verdict == FlowFileVerdict::OtherVersion);
  CHECK(story.get("one-more").error().code == StoreErrorCode::NotFound);
  CHECK(story.stored(story.file("name-1", "another")) == 2);
  CHECK(story.put(story.file("name-1", "another")).verdict == FlowFileVerdict::Same);
}

TEST_CASE("at the bound of names a put of another one is refused", "[contract][store]") {
  FlowFileStory<MemoryStores> story;
  for (std::uint32_t i = 1; i <= kFlowFileNamesMax; ++i)
    REQUIRE(story.stored(story.file("name-" + std::to_string(i), "x")) == 1);
  check_full(story);
}

TEST_CASE("at the bound of names Postgres refuses a put of another one", "[contract][store]") {
  FlowFileStory<PostgresStores> story;
  story.stored(story.file("name-1", "one"));
  auto psql = story.stores.schema().psql();
  const std::string others = " from generate_series(2, " + std::to_string(kFlowFileNamesMax) + ") i";
  psql("insert into flow_file_names select 'name-' || i, 1" + others);
  psql(
      "insert into flow_files (name, version, digest, who, why, content) select 'name-' || i, 1, 'd', '', "
      "'', ''" +
      others);
  check_full(story);
  psql("delete from flow_file_names where name = 'name-2'");
  CHECK(story.stored(story.file("one-more", "x")) == 1);
}

TEST_CASE("at the bound of a name's versions Postgres refuses a put", "[contract][store]") {
  FlowFileStory<PostgresStores> story;
  story.stored(story.file("deploy", "one"));
  const std::string last = std::to_string(kFlowFileVersionsMax);
  auto psql = story.stores.schema().psql();
  psql("insert into flow_files (name, version, digest, who, why, content) select name, " + last +
       ", 'd', who, why, content from flow_files");
  psql("update flow_file_names set newest = " + last);
  CHECK(story.put(story.file("deploy", "one more")).verdict == FlowFileVerdict::TooMany);
  CHECK(story.get("deploy")->about.digest == "d");
}

TEMPLATE_TEST_CASE("a job's record has the version that it was posted with, in every run",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto job = [](std::uint32_t run) {
    const auto details = Value::parse(R"({"flow_file": {"name": "deploy", "version": 7}, "flow": {}})");
    return Posting::make(JobId("job-1"), "deploy", Priority::Normal, details.value(), std::nullopt, run)
        .value();
  };
  const auto claim = story.owned(story.request(job(1), 100, "c1"));
  story.owned(story.request(posting("job-2"), 101, "c1"));
  CHECK(story.show("job-1").summary.flow_name == "deploy");
  CHECK(story.show("job-1").summary.flow_version == 7);
  CHECK(story.show("job-2").summary.flow_version == 0);
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             flow_fact(2, FlowState::Running, FlowState::Failure)}));
  story.owned(story.request(job(2), 102, "c1"));
  const auto listed = story.list({.flow_name = "deploy"});
  REQUIRE(listed.jobs.size() == 1);
  CHECK(listed.jobs[0].run == 2);
  CHECK(listed.jobs[0].flow_version == 7);
}
