#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sstream>
#include <string>

#include "client/http_client.h"
#include "doctor/fleet_answers.h"
#include "doctor/judge.h"
#include "doctor/kafka_apis.h"
#include "doctor/report.h"
#include "doctor/settings_reading.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"

/// What `baton doctor` hears of a conductor, a ZooKeeper server or a broker, or reads in a settings file: the
/// same bytes in the place of each. It judges them, and what it says is for people.
namespace {

using namespace baton;
using namespace baton::doctor;
using fuzz::expect;

constexpr std::size_t kReportBytesMax = 16 * kMiB;

FleetSeen fleet_of(std::string_view bytes) {
  FleetSeen fleet;
  fleet.named = true;
  boost::json::error_code failed;
  const auto body = boost::json::parse({bytes.data(), bytes.size()}, failed, {}, client::kParseOptions);
  if (failed) {
    fleet.trouble = "no conductor answers";
    return fleet;
  }
  fleet.told_by = "a conductor";
  fleet.conductors.emplace_back().address = "127.0.0.1:1";
  read_self(body, fleet.conductors.back());
  for (const auto& listed : read_conductors(body)) {
    auto& other = fleet.conductors.emplace_back();
    other.address = listed.api;
    other.name = listed.name;
    other.version = listed.version;
    other.host = listed.host;
    other.elsewhere = true;
  }
  fleet.workers = read_workers(body);
  fleet.left_alone = read_left_alone(body);
  return fleet;
}

Seen seen_of(std::string_view bytes) {
  static fuzz::ScratchFile file;
  file.write(bytes);
  Seen seen;
  seen.version = "1.0.0";
  seen.host = "here";
  seen.fleet = fleet_of(bytes);
  seen.settings.push_back(read_settings(file.path(), [](const char*) { return nullptr; }));
  auto& zookeeper = seen.zookeepers.emplace_back();
  zookeeper.hosts = "127.0.0.1:2181";
  zookeeper.servers.push_back({"127.0.0.1:2181", "", std::string(bytes), Millis{1}});
  auto& broker = seen.kafkas.emplace_back().each.emplace_back();
  broker.look.broker = "127.0.0.1:9092";
  broker.apis = read_api_versions(bytes);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto findings = judge(seen_of(fuzz::text_of(data, size)));
  expect(!findings.empty(), "something is said");
  std::ostringstream report;
  print_report(report, findings, false);
  fuzz::expect_told(report.str(), kReportBytesMax);
  boost::json::error_code failed;
  boost::json::parse(boost::json::serialize(report_json(findings)), failed);
  expect(!failed, "the report for programs is JSON");
  return 0;
}
