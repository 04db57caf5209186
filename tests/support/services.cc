#include "tests/support/services.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

namespace baton::test {
namespace {

Services read_services() {
  const char* file = std::getenv("BATON_TEST_SERVICES");
  INFO(
      "BATON_TEST_SERVICES names the servers' addresses: run `make test`, or `make services` and what it "
      "prints");
  REQUIRE(file != nullptr);
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  CAPTURE(file);
  REQUIRE(in.good());
  const auto tree = boost::json::parse(text.str());
  const auto at = [&tree](const char* name) { return std::string(tree.at(name).as_string()); };
  return {at("zookeeper"), at("kafka"), at("postgres")};
}

}  // namespace

const Services& services() {
  static const Services read = read_services();
  return read;
}

std::string unique_name(const std::string& prefix) {
  std::random_device random;
  std::ostringstream name;
  name << prefix << '-' << std::hex << random() << random();
  return name.str();
}

}  // namespace baton::test
