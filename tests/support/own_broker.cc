#include "tests/support/own_broker.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/services.h"

namespace baton::test {
namespace {

constexpr const char* kPorts = "29000-29999";  // those of tests/dev: for servers of one test

std::string content(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

OwnBroker::OwnBroker()
    : folder_((std::filesystem::temp_directory_path() / unique_name("baton-broker")).string()) {
  start();
  address_ = std::string(boost::json::parse(content(folder_ + "/services.json")).at("kafka").as_string());
}

OwnBroker::~OwnBroker() {
  launcher("down --wipe");
  std::error_code ignored;  // what is left is in a temporary folder
  std::filesystem::remove_all(folder_, ignored);
}

void OwnBroker::start() {
  must(std::string("--ports ") + kPorts + " --jvm quick up kafka");
}

void OwnBroker::signal(const std::string& name) {
  must("kill kafka --signal " + name);
}

int OwnBroker::launcher(const std::string& words, std::string* said) const {
  const std::string log = folder_ + ".said";
  const int code = std::system(
      ("python3 -B " BATON_CLUSTER " --folder " + folder_ + " " + words + " >" + log + " 2>&1").c_str());
  if (said) *said = content(log);
  std::filesystem::remove(log);
  return code;
}

void OwnBroker::must(const std::string& words) const {
  std::string said;
  const int code = launcher(words, &said);
  INFO("cluster.py " << words << "\n" << said);
  REQUIRE(code == 0);
}

}  // namespace baton::test
