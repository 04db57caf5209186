#include "tests/support/own_zookeeper.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/services.h"

namespace baton::test {

OwnZooKeeper::OwnZooKeeper() : folder_("/tmp/" + unique_name("baton-zookeeper")) {
  REQUIRE(call("--ports 29000-29999 --jvm quick up zookeeper") == 0);
  std::ifstream stream(folder_ + "/services.json");
  std::ostringstream text;
  text << stream.rdbuf();
  hosts_ = std::string(boost::json::parse(text.str()).at("zookeeper").as_string());
}

OwnZooKeeper::~OwnZooKeeper() {
  call("down --wipe zookeeper");
  std::filesystem::remove_all(folder_);
}

int OwnZooKeeper::call(const std::string& arguments) const {
  const std::string command = std::string("python3 " BATON_SOURCE_FOLDER "/deploy/dev/cluster.py --folder ") +
                              folder_ + " " + arguments + " >>" + folder_ + ".log 2>&1";
  const int status = std::system(command.c_str());
  if (status == 0) std::filesystem::remove(folder_ + ".log");
  return status;
}

void OwnZooKeeper::restart() {
  REQUIRE(call("restart --signal KILL zookeeper") == 0);
}

void OwnZooKeeper::wipe() {
  REQUIRE(call("down --wipe zookeeper") == 0);
  REQUIRE(call("up zookeeper") == 0);
}

void OwnZooKeeper::backup() {
  REQUIRE(call("down zookeeper") == 0);
  std::filesystem::copy(data(), folder_ + "/copy", std::filesystem::copy_options::recursive);
  REQUIRE(call("up zookeeper") == 0);
}

void OwnZooKeeper::restore() {
  REQUIRE(call("down zookeeper") == 0);
  std::filesystem::remove_all(data());
  std::filesystem::copy(folder_ + "/copy", data(), std::filesystem::copy_options::recursive);
  REQUIRE(call("up zookeeper") == 0);
}

void OwnZooKeeper::pause() {
  REQUIRE(call("kill --signal STOP zookeeper") == 0);
}

void OwnZooKeeper::resume() {
  REQUIRE(call("kill --signal CONT zookeeper") == 0);
}

}  // namespace baton::test
