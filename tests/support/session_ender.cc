#include "tests/support/session_ender.h"

#include <catch2/catch.hpp>

#include "common/zookeeper/dead_session.h"

namespace baton::test {

void end_session_of_file(const std::string& file) {
  const auto dead = zookeeper::read_session_file(file);
  INFO((dead.ok() ? "" : dead.error()));
  REQUIRE(dead.ok());
  const auto ended = zookeeper::end_dead_session(*dead, "{}", Millis{30'000});
  INFO((ended.ok() ? "" : ended.error()));
  REQUIRE(ended.ok());
}

}  // namespace baton::test
