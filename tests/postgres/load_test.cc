#include "tests/postgres/crowd_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::StoreErrorCode;

namespace {

/// Many loads at once.
class LoadStory : public CrowdStory {
 public:
  using CrowdStory::CrowdStory;

  Answer<ports::FlowSnapshot> begin_load(std::size_t flow) {
    Answer<ports::FlowSnapshot> answer;
    store->load(claims[flow].flow, claims[flow].epoch, answer.done());
    return answer;
  }
  std::vector<Answer<ports::FlowSnapshot>> begin_all_loads() {
    std::vector<Answer<ports::FlowSnapshot>> answers;
    for (std::size_t i = 0; i < claims.size(); ++i) answers.push_back(begin_load(i));
    return answers;
  }
  void hold_the_guilty() {
    psql("begin");
    psql("select 1 from flows where id = '" + claims[guilty].flow.value.to_string() + "' for update");
  }
  void await_load_that_waits() {
    REQUIRE(stores.run_until(
        [&] { return watcher(kWaitingLoads + std::string("select count(*) from waiting")) == "1"; }));
  }
  void kill_load_that_waits() {
    REQUIRE(watcher(kWaitingLoads + std::string("select count(pg_terminate_backend(pid)) from waiting")) ==
            "1");
  }

  Psql watcher{stores.schema().psql()};

 private:
  static constexpr const char* kWaitingLoads =
      "with waiting as (select pid from pg_stat_activity where application_name = current_schema() || ' "
      "loader'"
      " and wait_event_type = 'Lock') ";
};

/// Letters by chance, so that nothing makes them fewer; or one letter.
std::string text_of(std::size_t bytes, bool compressible, std::uint32_t seed) {
  std::string text(bytes, 'a');
  if (compressible) return text;
  for (char& letter : text) {
    seed = seed * 1'664'525 + 1'013'904'223;
    letter = static_cast<char>('a' + (seed >> 24) % 26);
  }
  return text;
}

}  // namespace

TEST_CASE("loads that share a transaction are bounded by bytes, compressed or not", "[postgres][load]") {
  LoadStory story(30);
  const bool compressible = GENERATE(true, false);
  std::vector<Answer<void>> answers;
  for (std::size_t i = 0; i < story.claims.size(); ++i)
    answers.push_back(story.begin_append(
        story.step(story.claims[i],
                   {success(3, 0, 1, 1,
                            Value::of_string(text_of(kMiB, compressible, static_cast<std::uint32_t>(i))))})));
  for (const auto& answer : answers) REQUIRE(story.wait(answer).ok());
  REQUIRE(story.proxy.largest_answer() < kMiB);
  for (const auto& load : story.begin_all_loads()) {
    const auto snapshot = story.wait(load);
    REQUIRE(snapshot.ok());
    CHECK(snapshot->atoms[0].result.json().size() == kMiB + 2);
  }
  CHECK(story.proxy.largest_answer() <= postgres::kBytesPerCommitMax);
}

TEST_CASE("a flow with more atoms than are weighed is loaded whole", "[postgres][load]") {
  LoadStory story(3);
  const auto claim = story.owned(story.request(posting("large"), 100, "c1"));
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}, 5'000));
  Answer<ports::FlowSnapshot> large;
  story.store->load(claim.flow, claim.epoch, large.done());
  const auto others = story.begin_all_loads();
  CHECK(story.wait(large)->atoms.size() == 5'000);
  for (const auto& other : others) CHECK(story.wait(other)->atoms.size() == 3);
}

TEST_CASE("a load that cannot be done in time is tried alone: the others are loaded", "[postgres][load]") {
  LoadStory story(20);
  story.hold_the_guilty();
  const auto loads = story.begin_all_loads();
  for (std::size_t i = 0; i < loads.size(); ++i) CHECK(story.wait(loads[i]).ok() == (i != story.guilty));
  const auto error = story.wait(loads[story.guilty]).error();
  CHECK(error.code == StoreErrorCode::Conflict);
  CHECK_THAT(error.message, Contains("did not get it done in time") && Contains("SQLSTATE 55P03"));
  story.psql("rollback");
  CHECK(story.wait(story.begin_load(story.guilty)).ok());
  CHECK(story.noted.words.empty());
}

TEST_CASE("loads whose connection is lost are asked for again, one by one", "[postgres][load]") {
  LoadStory story(20);
  story.hold_the_guilty();
  const auto loads = story.begin_all_loads();
  story.await_load_that_waits();
  story.kill_load_that_waits();
  story.await_load_that_waits();  // now alone
  for (std::size_t i = 0; i < story.guilty; ++i) CHECK(story.wait(loads[i]).ok());
  story.psql("rollback");
  for (const auto& load : loads) CHECK(story.wait(load).ok());
  CHECK(story.noted.words.empty());
}

TEST_CASE("a load that waits holds up no commit", "[postgres][load]") {
  LoadStory story(4);
  story.hold_the_guilty();
  const auto load = story.begin_load(story.guilty);
  story.await_load_that_waits();
  CHECK(story.wait(story.begin_success(0)).ok());
  CHECK_FALSE(load.there());
  story.psql("rollback");
  CHECK(story.wait(load).ok());
}

TEST_CASE("a flow that lacks a row of an atom is told as damaged", "[postgres][load]") {
  LoadStory story(1);
  story.psql("delete from atoms where atom = " + std::string(GENERATE("1", "2")));
  const auto error = story.wait(story.begin_load(0)).error();
  CHECK(error.code == StoreErrorCode::Unstorable);
  CHECK_THAT(error.message, Contains("table atoms has 2 rows of its 3 atoms; was it edited by hand?"));
}
