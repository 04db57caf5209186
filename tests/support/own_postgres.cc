#include "tests/support/own_postgres.h"

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

OwnPostgres::OwnPostgres() : OwnPostgres(std::string()) {}

OwnPostgres OwnPostgres::standby_of(const OwnPostgres& primary) {
  return OwnPostgres("BATON_STANDBY_OF=" + primary.port() + " ");
}

OwnPostgres::OwnPostgres(const std::string& environment)
    : folder_((std::filesystem::temp_directory_path() / unique_name("baton-postgres")).string()),
      environment_(environment) {
  std::string said;
  const int code = launcher(std::string("--ports ") + kPorts + " up postgres", &said);
  INFO(said);
  REQUIRE(code == 0);
  conninfo_ = std::string(boost::json::parse(content(folder_ + "/services.json")).at("postgres").as_string());
}

OwnPostgres::~OwnPostgres() {
  launcher("down --wipe postgres");
  std::error_code ignored;  // what is left is in a temporary folder
  std::filesystem::remove_all(folder_, ignored);
}

std::string OwnPostgres::port() const {
  const std::size_t begin = conninfo_.find("port=") + 5;
  return conninfo_.substr(begin, conninfo_.find(' ', begin) - begin);
}

int OwnPostgres::launcher(const std::string& words, std::string* said) const {
  const std::string log = folder_ + ".said";
  const std::string command = environment_ + "python3 -B " BATON_CLUSTER " --folder " + folder_;
  const int code = std::system((command + " " + words + " >" + log + " 2>&1").c_str());
  if (said) *said = content(log);
  std::filesystem::remove(log);
  return code;
}

}  // namespace baton::test
