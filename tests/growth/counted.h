#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bench/flow_shapes.h"

namespace baton::tests {

/// What something cost, in units that no machine changes.
struct Work {
  std::uint64_t blocks = 0;   // basic blocks of the engine
  std::uint64_t bytes = 0;    // asked of the heap, in all
  std::uint64_t longest = 0;  // blocks of its longest step
  std::uint64_t completions =
      0;  // what it did: atoms compiled or restored, executions and reverts that ended
};

Work compile_work(const bench::Shape&, std::size_t atoms);
Work run_work(const bench::Shape&, std::size_t atoms);
Work revert_work(const bench::Shape&, std::size_t atoms);
Work restore_work(const bench::Shape&, std::size_t atoms);
/// Every delivery is lost, one after the other, and no worker is there to take it.
Work loss_work(const bench::Shape&, std::size_t atoms);
/// So many records loaded with as many range facts over all of them.
Work range_work(std::size_t atoms);

/// What the compiler says against it; empty: nothing.
std::string refusal(const bench::Shape&, std::size_t atoms);

}  // namespace baton::tests
