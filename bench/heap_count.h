#pragma once

#include <cstdint>

/// What this program's operator new has given out. Linked in by whoever wants to know (heap_count.cc replaces
/// operator new and delete); counts for one thread.
namespace baton::bench {

struct HeapCount {
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;  // in all
  std::uint64_t live = 0;   // bytes that are out now
  std::uint64_t peak = 0;   // the most that was out since the last reset_peak()
};

const HeapCount& heap_count();
void reset_peak();

}  // namespace baton::bench
