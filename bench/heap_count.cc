#include "bench/heap_count.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace baton::bench {
namespace {

HeapCount count;

/// As malloc accounts it: what a block really takes, its rounding included.
void* taken(void* block) {
  if (!block) throw std::bad_alloc();
  const std::uint64_t size = malloc_usable_size(block) + sizeof(std::size_t);
  ++count.allocations;
  count.bytes += size;
  count.live += size;
  count.peak = std::max(count.peak, count.live);
  return block;
}

void given_back(void* block) {
  if (!block) return;
  count.live -= malloc_usable_size(block) + sizeof(std::size_t);
  std::free(block);
}

}  // namespace

const HeapCount& heap_count() {
  return count;
}

void reset_peak() {
  count.peak = count.live;
}

}  // namespace baton::bench

void* operator new(std::size_t size) {
  return baton::bench::taken(std::malloc(size));
}
/// The library's would come here by itself; a sanitizer's would not.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* const block = std::malloc(size);
  return block ? baton::bench::taken(block) : nullptr;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return baton::bench::taken(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* block) noexcept {
  baton::bench::given_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
  baton::bench::given_back(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  baton::bench::given_back(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  baton::bench::given_back(block);
}
