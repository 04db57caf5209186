/// What the engine costs by itself, on one flow: compiling it, running it (every atom placed at once,
/// answered, one step an answer), taking it back (the last atom fails), storing and reading its plan. One
/// line of JSON; `make bench-engine` asks for all shapes and sizes, each in a process of its own.
///
///   engine_bench <shape> <atoms>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

#include "bench/flow_walk.h"
#include "bench/heap_count.h"
#include "common/model/assert.h"

namespace {

using namespace baton;

/// Of this process, so that others on the machine count for little.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Cost {
  double seconds = 0;
  std::uint64_t allocations = 0;
};

template <class Work>
Cost cost_once(const Work& work) {
  const std::uint64_t allocations = bench::heap_count().allocations;
  const double begin = cpu_seconds();
  work();
  return {cpu_seconds() - begin, bench::heap_count().allocations - allocations};
}

/// The least of several: what disturbs only adds.
template <class Work>
Cost cost_of(std::size_t atoms, const Work& work) {
  constexpr std::size_t kAtomsInAll = 300'000, kTimesMax = 9;
  const std::size_t times = std::clamp<std::size_t>(kAtomsInAll / atoms, 1, kTimesMax);
  Cost least = cost_once(work);
  for (std::size_t i = 1; i < times; ++i) least.seconds = std::min(least.seconds, cost_once(work).seconds);
  return least;
}

const bench::Shape& shape_called(std::string_view name) {
  std::string known;
  for (const bench::Shape& shape : bench::flow_shapes()) {
    if (shape.name == name) return shape;
    known += " " + std::string(shape.name);
  }
  std::fprintf(stderr, "engine_bench: no shape is called '%.*s'\n  known:%s\n", static_cast<int>(name.size()),
               name.data(), known.c_str());
  std::exit(2);
}

/// Bytes on the heap since this was made, as malloc accounts them.
class Heap {
 public:
  Heap() { bench::reset_peak(); }
  std::uint64_t live() const { return bench::heap_count().live - before_; }
  std::uint64_t peak() const { return bench::heap_count().peak - before_; }

 private:
  std::uint64_t before_ = bench::heap_count().live;
};

/// A run or a rollback of the whole flow: how many executions and reverts ended in it.
std::size_t walk(const engine::PlanPtr& plan, bench::FlowWalk::Ends ends) {
  bench::FlowWalk walk(plan, ends);
  const FlowState end = walk.run();
  BATON_ASSERT(end == (ends.last_fails ? FlowState::Reverted : FlowState::Success));
  return walk.completions();
}

/// What a shape cannot do is left out: where a decider ignores the last task, nothing fails.
std::optional<double> revert_us(const bench::Shape& shape, const engine::PlanPtr& plan) {
  if (!shape.last_runs) return std::nullopt;
  std::size_t completions = 0;
  const Cost cost = cost_of(plan->size(), [&] { completions = walk(plan, {bench::Trouble::None, true}); });
  return cost.seconds * 1e6 / static_cast<double>(completions);
}

void measure(const bench::Shape& shape, std::size_t atoms) {
  const engine::FlowSpec spec = shape.make(atoms);
  const Heap heap;
  engine::PlanPtr plan;
  const Cost compiled = cost_of(atoms, [&] {
    plan.reset();
    auto made = engine::compile(spec, {});
    BATON_ASSERT(made.ok());
    plan = *std::move(made);
  });
  const std::uint64_t plan_bytes = heap.live();
  std::size_t completions = 0;
  const Cost ran = cost_of(atoms, [&] { completions = walk(plan, {shape.trouble, false}); });
  const std::uint64_t peak_bytes = heap.peak();
  const auto reverted = revert_us(shape, plan);
  const Cost coded = cost_of(atoms, [&] {
    const bool read = engine::decode(engine::encode(*plan)).ok();
    BATON_ASSERT(read);
  });
  const auto all = static_cast<double>(plan->size()), ends = static_cast<double>(completions);
  std::printf(
      "{\"shape\": \"%s\", \"atoms\": %zu, \"completions\": %zu, \"compile_ms\": %.3f, "
      "\"run_us\": %.4f, \"revert_us\": %s, \"codec_ms\": %.3f, \"plan_bytes\": %.1f, "
      "\"peak_bytes\": %.1f, \"compile_allocations\": %.2f, \"run_allocations\": %.2f}\n",
      std::string(shape.name).c_str(), plan->size(), completions, compiled.seconds * 1e3,
      ran.seconds * 1e6 / ends, reverted ? std::to_string(*reverted).c_str() : "null", coded.seconds * 1e3,
      static_cast<double>(plan_bytes) / all, static_cast<double>(peak_bytes) / all,
      static_cast<double>(compiled.allocations) / all, static_cast<double>(ran.allocations) / ends);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: engine_bench <shape> <atoms>\n");
    return 2;
  }
  measure(shape_called(argv[1]), std::strtoull(argv[2], nullptr, 10));
}
