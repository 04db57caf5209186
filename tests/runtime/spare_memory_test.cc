#include "common/runtime/spare_memory.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "common/memory/event_loop.h"

using namespace baton;
using runtime::SpareMemory;

// malloc and free as the C library has them, also where a sanitizer has others.
extern "C" void* __libc_malloc(std::size_t);
extern "C" void __libc_free(void*);

TEST_CASE("what work left behind is given back once, when nothing is done any more") {
  memory::EventLoop loop;
  std::uint64_t done = 0;
  int given_back = 0;
  const SpareMemory spare(
      loop, [&] { return done; }, [&] { ++given_back; });
  loop.run_for(10 * SpareMemory::kLookEvery);
  CHECK(given_back == 0);  // nothing was done
  for (int round = 0; round < 4; ++round) {
    ++done;
    loop.run_for(SpareMemory::kLookEvery);
  }
  CHECK(given_back == 0);  // it worked all the time
  loop.run_for(10 * SpareMemory::kLookEvery);
  CHECK(given_back == 1);
}

TEST_CASE("the allocator gives back what lies between what is in use") {
  const auto resident = [] {
    long pages = 0, all = 0;
    FILE* statm = std::fopen("/proc/self/statm", "r");
    REQUIRE(std::fscanf(statm, "%ld %ld", &all, &pages) == 2);
    std::fclose(statm);
    return pages;
  };
  std::vector<void*> many;
  for (int i = 0; i < 20'000; ++i) many.push_back(std::memset(__libc_malloc(1'000), 'x', 1'000));
  for (std::size_t i = 0; i < many.size(); ++i)
    if (i % 100 != 0) __libc_free(std::exchange(many[i], nullptr));
  const long before = resident();
  SpareMemory::trim();
  CHECK(resident() < before - 2'000);
  for (void* const left : many) __libc_free(left);
}
