#include "tests/growth/counted.h"

#include <algorithm>

#include "bench/flow_walk.h"
#include "bench/heap_count.h"
#include "common/model/assert.h"
#include "tests/growth/work_count.h"

namespace baton::tests {
namespace {

using bench::FlowWalk;
using bench::Trouble;

/// Counts from its making on.
class Counter {
 public:
  Work so_far() const { return {blocks_run() - blocks_, bench::heap_count().bytes - bytes_, 0, 0}; }

 private:
  std::uint64_t blocks_ = blocks_run();
  std::uint64_t bytes_ = bench::heap_count().bytes;
};

engine::PlanPtr plan_of(const bench::Shape& shape, std::size_t atoms) {
  auto plan = engine::compile(shape.make(atoms), {});
  BATON_ASSERT(plan.ok());
  return *std::move(plan);
}

Work walk_work(const bench::Shape& shape, std::size_t atoms, FlowWalk::Ends ends) {
  const auto plan = plan_of(shape, atoms);
  const Counter counter;
  FlowWalk walk(plan, ends);
  std::uint64_t longest = 0;
  for (bool more = true; more;) {
    const Counter step;
    more = walk.go_on(1);
    longest = std::max(longest, step.so_far().blocks);
  }
  BATON_ASSERT(is_final(walk.engine().state()));
  Work work = counter.so_far();
  work.longest = longest;
  work.completions = walk.completions();
  return work;
}

}  // namespace

Work compile_work(const bench::Shape& shape, std::size_t atoms) {
  const engine::FlowSpec spec = shape.make(atoms);
  const Counter counter;
  const auto plan = engine::compile(spec, {});
  Work work = counter.so_far();
  BATON_ASSERT(plan.ok());
  work.completions = (*plan)->size();
  return work;
}

Work run_work(const bench::Shape& shape, std::size_t atoms) {
  return walk_work(shape, atoms, {shape.trouble, false});
}

Work revert_work(const bench::Shape& shape, std::size_t atoms) {
  return walk_work(shape, atoms, {Trouble::None, true});
}

/// A new owner of a flow that is half done: its plan read, its records taken over, what is out sent again.
Work restore_work(const bench::Shape& shape, std::size_t atoms) {
  const auto plan = plan_of(shape, atoms);
  FlowWalk walk(plan, {shape.trouble, false});
  walk.go_on(plan->size() / 2);
  const std::string stored = engine::encode(*plan);
  auto records = walk.records();
  const Counter counter;
  auto again = engine::decode(stored);
  BATON_ASSERT(again.ok());
  auto engine = engine::Engine::make(*again, {}, walk.engine().state(), std::move(records), walk.last_seq());
  BATON_ASSERT(engine.ok());
  engine::StepOutput out;
  (*engine)->step(TimePoint{}, std::array{engine::Event(engine::Started{})}, out);
  Work work = counter.so_far();
  work.completions = plan->size();
  return work;
}

Work loss_work(const bench::Shape& shape, std::size_t atoms) {
  const auto plan = plan_of(shape, atoms);
  FlowWalk walk(plan, {});
  walk.go_on(0);
  auto engine = engine::Engine::make(plan, {}, walk.engine().state(), walk.records(), walk.last_seq());
  BATON_ASSERT(engine.ok());
  engine::StepOutput out;
  (*engine)->step(TimePoint{}, std::array{engine::Event(engine::Started{})}, out);
  const Counter counter;
  Work work;
  for (AtomIndex atom = 0; atom < plan->size(); ++atom) {
    const Counter step;
    out = {};
    const auto dispatch = (*engine)->atom(atom).dispatch;
    (*engine)->step(TimePoint{}, std::array{engine::Event(engine::DeliveryLost{atom, dispatch, "gone"})},
                    out);
    BATON_ASSERT((*engine)->may_start(atom));
    work.longest = std::max(work.longest, step.so_far().blocks);
  }
  const Work all = counter.so_far();
  return {all.blocks, all.bytes, work.longest, plan->size()};
}

Work range_work(std::size_t atoms) {
  std::vector<AtomRecord> records(atoms);
  std::vector<Fact> ranges;
  for (std::uint64_t seq = 1; seq <= atoms; ++seq)
    ranges.push_back({seq, RangeFact{0, static_cast<AtomIndex>(atoms), Intention::Revert, false}});
  const Counter counter;
  apply_ranges(records, ranges);
  Work work = counter.so_far();
  BATON_ASSERT(records.back().seq == atoms);
  work.completions = atoms;
  return work;
}

std::string refusal(const bench::Shape& shape, std::size_t atoms) {
  const auto plan = engine::compile(shape.make(atoms), {});
  return plan ? "" : plan.error().message;
}

}  // namespace baton::tests
