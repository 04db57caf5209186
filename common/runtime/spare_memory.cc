#include "common/runtime/spare_memory.h"

#include <malloc.h>

#include <utility>

namespace baton::runtime {

SpareMemory::SpareMemory(ports::Clock& clock, std::function<std::uint64_t()> work_done,
                         std::function<void()> give_back)
    : clock_(clock), work_done_(std::move(work_done)), give_back_(std::move(give_back)) {
  look_later();
}

void SpareMemory::trim() {
  ::malloc_trim(0);
}

void SpareMemory::look_later() {
  timer_ = clock_.after(kLookEvery, [this] { look(); });
}

void SpareMemory::look() {
  const std::uint64_t done = work_done_();
  if (std::exchange(seen_, done) != done)
    spare_ = true;
  else if (std::exchange(spare_, false))
    give_back_();
  look_later();
}

}  // namespace baton::runtime
