#pragma once

#include <string>

namespace baton::test {

/// Where the tests' servers are, from the file that BATON_TEST_SERVICES names (make test and make services
/// write it). Missing: the test fails with what to do; it is never skipped.
struct Services {
  std::string zookeeper;  // "127.0.0.1:28000"
  std::string kafka;
  std::string postgres;  // a libpq conninfo
};
const Services& services();

/// "<prefix>-<random>": tests that run side by side on the same servers never meet.
std::string unique_name(const std::string& prefix);

}  // namespace baton::test
