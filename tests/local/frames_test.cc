#include "local/frames.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

using namespace baton;
using namespace baton::local;

namespace {

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0); }
  ~Pair() { ::close(ends[0]), ::close(ends[1]); }
  int ends[2];
};

}  // namespace

TEST_CASE("a frame arrives as it was said, also a large one, also an empty one", "[local]") {
  Pair pair;
  const std::string large(3 * kMiB, 'x');
  std::thread other([&] {
    write_frame(pair.ends[0], "");
    write_frame(pair.ends[0], large);
  });
  std::string bytes = "before";
  CHECK(read_frame(pair.ends[1], bytes));
  CHECK(bytes.empty());
  CHECK(read_frame(pair.ends[1], bytes));
  CHECK(bytes == large);
  other.join();
}

TEST_CASE("what is no frame, or only half of one, is the end of the talk", "[local]") {
  Pair pair;
  std::string bytes;
  const char too_long[] = "\xff\xff\xff\x7f";
  REQUIRE(::send(pair.ends[0], too_long, 4, 0) == 4);
  CHECK_FALSE(read_frame(pair.ends[1], bytes));
  const char half[] = "\x05\0\0\0ab";
  REQUIRE(::send(pair.ends[0], half, 6, 0) == 6);
  ::shutdown(pair.ends[0], SHUT_WR);
  CHECK_FALSE(read_frame(pair.ends[1], bytes));
  ::close(pair.ends[1]);
  CHECK_FALSE(write_frame(pair.ends[0], "nobody reads this"));
  pair.ends[1] = ::dup(pair.ends[0]);
}
