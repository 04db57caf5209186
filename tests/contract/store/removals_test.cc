#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::EndMark;

namespace {

/// Jobs that end, and whose nodes leave the board.
template <class Stores>
struct RemovalStory : StoreStory<Stores> {
  void ends(const std::string& job, const std::string& path, std::uint32_t run = 1) {
    const auto claim = this->owned(this->request(posting(job, run), ++zxid, "c1", path));
    const std::uint64_t seq = this->load(claim).last_seq;
    auto facts = std::vector{flow_fact(seq + 1, FlowState::Pending, FlowState::Running),
                             flow_fact(seq + 2, FlowState::Running, FlowState::Reverted)};
    this->must_append(run == 1 ? this->first_step(claim, std::move(facts))
                               : this->step(claim, std::move(facts)));
  }
  void removed(const std::string& job, std::uint32_t run = 1) {
    Answer<void> answer;
    this->store->mark_removed(JobId(job), run, answer.done());
    REQUIRE(this->wait(answer).ok());
  }
  ports::UnnotedPage unnoted(const EndMark& after = {}, std::uint32_t limit = 100,
                             const std::vector<std::string>& folders = {"/jobs/"}) {
    Answer<ports::UnnotedPage> answer;
    this->store->unnoted_removals(folders, after, limit, answer.done());
    const auto page = this->wait(answer);
    INFO((page.ok() ? "" : page.error().message));
    REQUIRE(page.ok());
    return *page;
  }
  Lines names(const ports::UnnotedPage& page) const {
    Lines names;
    for (const auto& job : page.jobs) names.push_back(job.job.value + " " + std::to_string(job.run));
    return names;
  }
  std::int64_t zxid = 100;
};

}  // namespace

TEMPLATE_TEST_CASE("H32: of an ended job it is known that nobody has noted its node's removal",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  RemovalStory<TestType> story;
  CHECK(story.unnoted().jobs.empty());
  story.owned(story.request(posting("at work"), 1, "c1", "/jobs/0"));
  story.ends("noted", "/jobs/1");
  story.ends("unnoted", "/jobs/2");
  story.ends("elsewhere", "/jobs.2/3");
  Answer<void> recorded;
  story.store->record_refused(story.request(posting("rejected"), 200, "c1", "/jobs/4"),
                              {FlowState::Rejected, Failure::make("Rejected", "no such parameter")},
                              recorded.done());
  REQUIRE(story.wait(recorded).ok());
  story.removed("noted");
  const auto page = story.unnoted();
  CHECK(story.names(page) == Lines{"unnoted 1", "rejected 1"});
  CHECK(page.jobs[0].board_path == "/jobs/2");
  CHECK_FALSE(page.more);
  CHECK(story.names(story.unnoted({}, 100, {"/elsewhere/", "/jobs.2/"})) == Lines{"elsewhere 1"});
  CHECK(story.names(story.unnoted({}, 100, {"/jobs.2/", "/jobs/"})) ==
        Lines{"unnoted 1", "elsewhere 1", "rejected 1"});
  story.store = story.stores.open();  // of a program that is started anew
  CHECK(story.names(story.unnoted()) == Lines{"unnoted 1", "rejected 1"});
  story.removed("unnoted");
  story.removed("rejected");
  CHECK(story.unnoted().jobs.empty());
}

TEMPLATE_TEST_CASE("H32: whose removal is not noted is looked for in pages, in the order of the ends",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  RemovalStory<TestType> story;
  for (int i = 0; i < 6; ++i) story.ends("job-" + std::to_string(i), "/jobs/" + std::to_string(i));
  for (const char* job : {"job-0", "job-1", "job-3"}) story.removed(job);
  auto page = story.unnoted({}, 2);
  CHECK(page.jobs.empty());  // two were looked at
  CHECK(page.more);
  page = story.unnoted(page.last, 2);
  CHECK(story.names(page) == Lines{"job-2 1"});
  CHECK(page.jobs[0].end < page.last);
  CHECK(page.more);
  page = story.unnoted(page.last, 3);
  CHECK(story.names(page) == Lines{"job-4 1", "job-5 1"});
  CHECK(page.jobs[1].end == page.last);
  page = story.unnoted(page.last, 3);
  CHECK(page.jobs.empty());
  CHECK_FALSE(page.more);
}

TEMPLATE_TEST_CASE("H32: a job that runs again is not noted as removed by what is said of its earlier run",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  RemovalStory<TestType> story;
  story.ends("other", "/jobs/0");
  story.ends("job", "/jobs/1");
  story.removed("job");
  story.owned(story.request(posting("job", 2), 300, "c1", "/jobs/2"));
  CHECK(story.names(story.unnoted()) == Lines{"other 1"});
  story.zxid = 400;
  story.ends("job", "/jobs/2", 2);
  story.removed("job", 1);  // said late
  const auto page = story.unnoted();
  CHECK(story.names(page) == Lines{"other 1", "job 2"});
  CHECK(page.jobs[1].board_path == "/jobs/2");
  story.removed("job", 2);
  CHECK(story.names(story.unnoted()) == Lines{"other 1"});
}
