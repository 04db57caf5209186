#include "common/postgres/work_queue.h"

#include "common/postgres/writer.h"
#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using postgres::Work;
using postgres::WorkQueue;

namespace {

Work load(std::uint64_t flow, std::size_t bytes) {
  return postgres::LoadWork{FlowId(test_uuid(flow, 'f')), {1, 1}, {}, bytes};
}
/// One value, counted as often as it stands in the step.
Work step(std::size_t mebibytes) {
  postgres::StepWork work;
  AtomFact atom;
  atom.changed = kResultChanged;
  atom.after.result = Value::of_string(std::string(kMiB, 'a'));
  work.folded.atoms.assign(mebibytes, atom);
  return work;
}
Work removal(int job, int run = 1) {
  return postgres::RemovedWork{JobId("job-" + std::to_string(job)), static_cast<std::uint32_t>(run), {}};
}

}  // namespace

TEST_CASE("what shares a transaction is bounded by number and by bytes, in the order of asking",
          "[postgres][queue]") {
  WorkQueue queue;
  for (std::uint64_t i = 0; i < 500; ++i) queue.push(load(i, 200));
  CHECK(queue.take(postgres::kWorksPerCommitMax).size() == 200);
  CHECK(queue.take(7).size() == 7);
  const auto next = queue.take(1);
  CHECK(std::get<postgres::LoadWork>(next.front()).flow == FlowId(test_uuid(207, 'f')));
  queue.take_all();
  for (std::uint64_t i = 0; i < 10; ++i) queue.push(load(i, 3 * kMiB));
  CHECK(queue.take(200).size() == 2);
  queue.take_all();
  queue.push(load(1, 200));
  queue.push(load(2, 500 * kMiB));
  queue.push(load(3, 200));
  CHECK(queue.take(200).size() == 1);
  CHECK(queue.take(200).size() == 1);  // larger than the bound: alone
  CHECK(queue.take(200).size() == 1);
  CHECK(queue.empty());
}

TEST_CASE("two works with one key never share a transaction, and keep their order", "[postgres][queue]") {
  WorkQueue queue;
  for (const auto& [job, run] : {std::pair{1, 1}, {2, 1}, {1, 2}, {1, 3}, {3, 1}})
    queue.push(removal(job, run));
  CHECK(queue.take(200).size() == 3);
  for (const std::uint32_t run : {2U, 3U}) {
    const auto one = queue.take(200);
    REQUIRE(one.size() == 1);
    CHECK(std::get<postgres::RemovedWork>(one.front()).run == run);
  }
}

TEST_CASE("removals wait for company until they are due, and then all of them", "[postgres][queue]") {
  WorkQueue queue;
  for (int i = 0; i < 450; ++i) queue.push(removal(i));
  CHECK_FALSE(queue.is_due());
  queue.removals_are_due();
  queue.push(removal(450));  // asked for later: may wait
  for (const std::size_t taken : {200, 200, 51}) {
    CHECK(queue.is_due());
    CHECK(queue.take(200).size() == taken);
  }
  CHECK_FALSE(queue.is_due());
  queue.push(removal(1));
  CHECK_FALSE(queue.is_due());
  queue.push(load(1, 200));
  CHECK(queue.is_due());
  CHECK(queue.take(200).size() == 2);
}

TEST_CASE("a queue is full by number or by the bytes that it holds", "[postgres][queue]") {
  WorkQueue queue;
  queue.push(step(postgres::kQueuedBytesMax / kMiB - 1));
  CHECK_FALSE(queue.full());
  queue.push(step(1));
  CHECK(queue.full());
  queue.take(1);
  CHECK_FALSE(queue.full());
  for (std::size_t i = 0; i < postgres::kQueuedMax; ++i) queue.push(removal(1));
  CHECK(queue.full());
  queue.take_all();
  CHECK_FALSE(queue.full());
  CHECK_FALSE(queue.is_due());
}

TEST_CASE("loads that wait hold nothing yet: large ones keep nobody out", "[postgres][queue]") {
  WorkQueue queue;
  queue.push(load(1, 2 * postgres::kQueuedBytesMax));
  for (std::uint64_t i = 2; i < 200; ++i) queue.push(load(i, postgres::kBytesPerCommitMax + 1));
  CHECK_FALSE(queue.full());
  CHECK(queue.take(200).size() == 1);  // what it brings counts still: alone
}

TEST_CASE("a large work may take longer, by its weight, and a load up to a bound", "[postgres][queue]") {
  const auto patience = [](Work work) {
    std::vector<Work> works;
    works.push_back(std::move(work));
    return postgres::patience_for(works);
  };
  CHECK(patience(load(1, postgres::kBytesPerCommitMax)) == Millis{0});
  CHECK(patience(load(1, 20 * kMiB)) == 20 * postgres::kPatiencePerMib);
  CHECK(patience(step(21)) == 21 * postgres::kPatiencePerMib);
  CHECK(patience(step(100)) == 100 * postgres::kPatiencePerMib);  // its bytes do go over the link
  CHECK(patience(load(1, 100 * kMiB)) == postgres::kLoadPatienceMax);
  CHECK(patience(load(1, 256'000 * kMiB)) == postgres::kLoadPatienceMax);  // 1 GB, compressed
  CHECK(postgres::kLoadPatienceMax == Millis{60'000});
}
