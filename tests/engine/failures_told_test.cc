#include <catch2/catch.hpp>

#include "bench/flow_shapes.h"
#include "common/model/limits.h"
#include "engine/flow_book.h"

namespace baton::tests {
namespace {

using Names = std::vector<std::string>;

constexpr std::size_t kAtoms = 200;

/// A wide flow, every task of which has failed and was reverted.
class Failed {
 public:
  explicit Failed(std::size_t message_bytes = 1)
      : book_(plan(), FlowState::Running, records(message_bytes), 1) {
    book_.write_to(facts_);
  }

  Names told() const {
    Names names;
    for (const auto& [name, failure] : book_.failures_told()) names.push_back(name);
    return names;
  }
  const void* list() const { return &book_.failures_told().front(); }

  /// Its failure is in force no more.
  void reset(AtomIndex atom) { book_.intend_range(atom, 1, Intention::Execute, true); }
  void fail_anew(AtomIndex atom, std::size_t message_bytes) {
    AtomRecord running = book_.atom(atom);
    running.state = AtomState::Running;
    ++running.attempt;
    book_.change(atom, running);
    AtomRecord failed = running;
    failed.state = AtomState::Failure;
    failed.failure = Failure::make("Anew", std::string(message_bytes, 'm'));
    book_.change(atom, failed);
  }

 private:
  static engine::PlanPtr plan() {
    return engine::compile(bench::flow_shapes().front().make(kAtoms), {}).value();
  }
  static std::vector<AtomRecord> records(std::size_t message_bytes) {
    std::vector<AtomRecord> records(kAtoms);
    for (AtomRecord& record : records) {
      record.state = AtomState::Reverted;
      record.intention = Intention::Revert;
      record.attempt = 1;
      record.failure = Failure::make("Boom", std::string(message_bytes, 'm'));
    }
    return records;
  }

  std::vector<Fact> facts_;
  engine::FlowBook book_;
};

/// t`first` … t`last`, some left out.
Names tasks(std::size_t first, std::size_t last, std::vector<std::size_t> without = {}) {
  Names names;
  for (std::size_t i = first; i <= last; ++i)
    if (std::find(without.begin(), without.end(), i) == without.end())
      names.push_back("t" + std::to_string(i));
  return names;
}

}  // namespace

TEST_CASE("reverts are told of the first failures in force, as these come and go") {
  Failed flow;
  CHECK(flow.told() == tasks(0, 63));
  flow.reset(10);
  CHECK(flow.told() == tasks(0, 64, {10}));
  flow.reset(65);  // it would have been the next
  flow.reset(0);
  CHECK(flow.told() == tasks(1, 66, {10, 65}));
  flow.fail_anew(10, 1);
  CHECK(flow.told() == tasks(1, 64));
}

TEST_CASE("the list of failures is made again only where it would be another one") {
  Failed flow;
  const void* before = flow.list();
  flow.reset(150);
  flow.fail_anew(150, 1);
  CHECK(flow.list() == before);
  flow.reset(63);
  CHECK(flow.told() == tasks(0, 64, {63}));
}

TEST_CASE("a failure that had no room in the list makes room for those behind it when it goes") {
  Failed flow(kRevertFailuresBytesMax / 4);  // and a few bytes of names: three fit
  CHECK(flow.told() == tasks(0, 2));
  flow.reset(4);
  flow.fail_anew(4, 1);
  CHECK(flow.told() == tasks(0, 2));  // t3 is in the way
  flow.reset(3);
  CHECK(flow.told() == tasks(0, 4, {3}));
}

}  // namespace baton::tests
