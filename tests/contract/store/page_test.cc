#include "common/ports/history_data.h"
#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;

namespace {

Value text(std::size_t bytes, char letter = 'x') {
  return Value::of_string(std::string(bytes - 2, letter));  // the quotes count
}

/// One job with as many atoms, all of them running.
template <class Stores>
class PageStory : public StoreStory<Stores> {
 public:
  explicit PageStory(std::size_t atoms) {
    claim = this->owned(this->request(posting("job-1"), 100, "c1"));
    std::vector<Fact> facts{flow_fact(next_seq++, FlowState::Pending, FlowState::Running)};
    for (AtomIndex atom = 0; atom < atoms; ++atom)
      facts.push_back(atom_fact(next_seq++, atom, AtomState::Pending, AtomState::Running, 1, 1));
    this->must_append(this->first_step(claim, std::move(facts), atoms));
  }
  /// Each in a step of its own: what a step may hold is no matter here.
  void succeed(AtomIndex atom, const Value& result) {
    this->must_append(this->step(claim, {success(next_seq++, atom, 1, 1, result)}));
  }
  void fail(AtomIndex atom, std::size_t bytes) {
    Fact fact = atom_fact(next_seq++, atom, AtomState::Running, AtomState::Failure, 1, 1);
    std::get<AtomFact>(fact.body).after.failure = Failure::make("Boom", std::string(bytes, 'x'));
    std::get<AtomFact>(fact.body).changed = kFailureChanged;
    this->must_append(this->step(claim, {fact}));
  }
  ports::EventPage events(std::uint64_t after, std::uint32_t limit) {
    Answer<ports::EventPage> answer;
    this->store->events(after, limit, answer.done());
    const auto page = this->wait(answer);
    REQUIRE(page.ok());
    return page.value();
  }

  ports::ClaimOutcome claim;
  std::uint64_t next_seq = 1;
};

std::vector<AtomIndex> indexes(const ports::JobDetail& detail) {
  std::vector<AtomIndex> found;
  for (const auto& atom : detail.atoms) found.push_back(atom.index);
  return found;
}

}  // namespace

TEMPLATE_TEST_CASE("a page of history is bounded by bytes, the next one goes on behind its last row",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  constexpr AtomIndex kAtoms = 2 * ports::kPageBytesMax / ports::kHistoryValueBytesMax;
  PageStory<TestType> story(kAtoms);
  for (AtomIndex atom = 0; atom < kAtoms; ++atom) story.succeed(atom, text(ports::kHistoryValueBytesMax));
  const bool of_all = GENERATE(false, true);
  std::size_t pages = 0, results = 0;
  std::uint64_t after = 0;
  for (bool more = true; more; ++pages) {
    std::vector<ports::HistoryRow> rows;
    if (of_all) {
      const auto page = story.events(after, 1'000);
      for (const auto& row : page.rows) rows.push_back(row.row);
      more = page.more;
    } else {
      const auto page = story.history_page("job-1", after, 1'000);
      rows = page.rows;
      more = page.more;
    }
    REQUIRE_FALSE(rows.empty());
    std::size_t bytes = 0;
    for (const auto& row : rows) {
      CHECK(row.id > after);
      after = row.id;
      bytes += row.data.json().size();
      if (row.state == "SUCCESS") CHECK(row.atom == "atom-" + std::to_string(results++));
    }
    CHECK(bytes <= ports::kPageBytesMax);
  }
  CHECK(pages == 3);
  CHECK(results == kAtoms);
}

TEMPLATE_TEST_CASE("a page of atoms has one at least, however large", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  PageStory<TestType> story(2);
  for (AtomIndex atom = 0; atom < 2; ++atom) story.succeed(atom, text(ports::kPageBytesMax));
  CHECK(indexes(story.show("job-1")) == std::vector<AtomIndex>{0});
  CHECK(story.show("job-1").more);
}

TEMPLATE_TEST_CASE("only those atoms are shown that are asked for", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  PageStory<TestType> story(6);
  story.succeed(2, text(100));
  story.succeed(4, text(5000));
  story.must_append(story.step(story.claim, {{story.next_seq++, RangeFact{1, 3, Intention::Revert, true}}}));
  const auto none = story.show("job-1", {.limit = 0});
  CHECK(none.atoms.empty());
  CHECK(none.plan.empty());
  CHECK(none.more);
  CHECK(none.summary.atoms == 6);
  CHECK(none.posting.raw == posting("job-1").raw);

  const auto middle = story.show("job-1", {.first = 2, .limit = 3, .value_bytes_max = 4096});
  CHECK(indexes(middle) == std::vector<AtomIndex>{2, 3, 4});
  CHECK(middle.more);
  CHECK(middle.plan == "the plan");
  CHECK(middle.atoms[0].name == "atom-2");
  CHECK(middle.atoms[0].record.state == AtomState::Pending);  // the range lies over it
  CHECK(middle.atoms[0].record.result == text(100));
  CHECK(middle.atoms[0].result_left_out == 0);
  CHECK(middle.atoms[1].record.intention == Intention::Revert);
  CHECK(middle.atoms[2].record.state == AtomState::Success);
  CHECK(middle.atoms[2].record.result.is_null());
  CHECK(middle.atoms[2].result_left_out == 5000);
  CHECK(middle.atoms[2].revert_result_left_out == 0);

  const auto last = story.show("job-1", {.first = 5, .limit = 3});
  CHECK(indexes(last) == std::vector<AtomIndex>{5});
  CHECK_FALSE(last.more);
  CHECK(story.show("job-1", {.first = 6, .limit = 3}).atoms.empty());
  CHECK_FALSE(story.show("job-1", {.first = 6, .limit = 0}).more);
  CHECK(story.show("job-1", {.first = 4}).atoms[0].record.result == text(5000));
}

TEMPLATE_TEST_CASE("atoms shown are bounded by bytes, failures too", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  PageStory<TestType> story(80);
  for (AtomIndex atom = 0; atom < 80; ++atom) story.fail(atom, 60'000);
  const auto first = story.show("job-1");
  CHECK(first.atoms.size() == 69);  // 4 MiB by 60,000 bytes and what surrounds them
  CHECK(first.more);
  const auto rest = story.show("job-1", {.first = 69});
  CHECK(rest.atoms.size() == 11);
  CHECK_FALSE(rest.more);
}

TEMPLATE_TEST_CASE("of results that are left out as many are looked at as is bounded", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  PageStory<TestType> story(70);
  for (AtomIndex atom = 0; atom < 70; ++atom) story.succeed(atom, text(kMiB));
  const auto first = story.show("job-1", {.value_bytes_max = 4096});
  CHECK(first.atoms.size() == 63);  // 64 MiB, and the rows themselves
  CHECK(first.more);
  CHECK(first.atoms.back().result_left_out == kMiB);
  CHECK(story.show("job-1", {.first = 63, .value_bytes_max = 4096}).atoms.size() == 7);
}

TEMPLATE_TEST_CASE("a list of jobs is bounded by bytes, none is left out", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  std::vector<Answer<void>> answers(80);
  for (std::size_t i = 0; i < answers.size(); ++i)
    story.store->record_refused(story.request(posting("job-" + std::to_string(i)), 100, "c1"),
                                {FlowState::Rejected, Failure::make("Boom", std::string(60'000, 'x'))},
                                answers[i].done());
  for (const auto& answer : answers) REQUIRE(story.wait(answer).ok());
  ports::JobFilter filter;
  filter.limit = 100;
  const auto first = story.list(filter);
  CHECK(first.jobs.size() == 69);
  REQUIRE_FALSE(first.next.empty());
  filter.after = first.next;
  const auto rest = story.list(filter);
  CHECK(rest.jobs.size() == 11);
  CHECK(rest.next.empty());
  CHECK(rest.jobs.back().uuid == JobId("job-0"));
}
