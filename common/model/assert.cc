#include "common/model/assert.h"

#include <cstdio>
#include <cstdlib>

namespace baton {

void assertion_failed(const char* condition, const char* file, int line, const char* function) noexcept {
  std::fprintf(
      stderr, "baton: assertion failed: %s\n  at %s:%d in %s\n  this is a bug of Baton's; please report it\n",
      condition, file, line, function);
  std::abort();
}

}  // namespace baton
