#include "common/runtime/os_entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "common/model/assert.h"

namespace baton::runtime {

std::uint64_t OsEntropy::next() {
  if (used_ == words_.size()) refill();
  return words_[used_++];
}

void OsEntropy::refill() {
  auto* bytes = reinterpret_cast<unsigned char*>(words_.data());
  std::size_t filled = 0;
  while (filled < sizeof words_) {
    const auto got = getrandom(bytes + filled, sizeof words_ - filled, 0);
    BATON_ASSERT(got > 0 || errno == EINTR);  // the kernel's pool never ends
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  used_ = 0;
}

}  // namespace baton::runtime
