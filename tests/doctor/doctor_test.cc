#include "doctor/doctor.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "client/api_address.h"
#include "common/model/time.h"
#include "tests/client/told_server.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::client;
using baton::test::http_answer;
using baton::test::ScratchFolder;
using baton::test::ToldServer;

namespace {

std::string answer(const std::string& body) {
  return http_answer("200 OK", "application/json", body);
}

std::string now_text(Millis ahead) {
  return to_rfc3339(std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now()) + ahead);
}

/// What a conductor says of itself.
std::string self(const std::string& version, const std::string& now) {
  return R"({"name": "c1", "host": "h", "version": ")" + version + R"(", "incarnation": "i1", "now": ")" +
         now +
         R"(", "draining": false, "zookeeper": {"reachable": true, "session_timeout_asked_ms": 4000,
          "session_timeout_ms": 4000, "silent_for_ms": 3}, "kafka": {"reachable": true},
          "postgres": {"reachable": true, "can_lose": ""}, "schema_version": 6,
          "settings": {"kafka.topic_prefix": "baton"}, "waiting": []})";
}

/// A fleet of one conductor and a worker, told by the test. Without a `now` it tells no time: the answer is
/// made before it is asked for, and a busy machine may take long in between.
std::map<std::string, std::string> fleet(const std::string& version = "0.1.0", const std::string& now = "") {
  return {{"GET /v1/conductors",
           answer(R"({"conductors": [{"name": "c1", "api": "x:1", "host": "h", "version": ")" + version +
                  R"(", "incarnation": "i1", "answering": true}]})")},
          {"GET /v1/self", answer(self(version, now))},
          {"GET /v1/workers",
           answer(R"({"workers": [{"name": "w1", "state": "READY", "slots": 8, "outstanding": 0,
             "task_types": ["say"], "host": "h", "version": "0.1.0"}]})")},
          {"GET /v1/left-alone", answer(R"({"left_alone": [], "parked": []})")}};
}

constexpr Millis kLong{40'000};

struct Doctored {
  std::ostringstream out, err;
  Ended ended = Ended::Success;
  boost::json::value report;

  explicit Doctored(const std::string& api, DoctorOptions options = {{}, kLong}) {
    const Context context{HttpClient(api_addresses(api)), out, err, true, false};
    ended =
        doctor::run({"0.1.0", "", [](const char*) -> const char* { return nullptr; }, {}}, context, options);
    report = boost::json::parse(out.str());
  }

  /// "warning clock.skew", of all that is about servers and conductors and not well.
  std::vector<std::string> trouble() const {
    std::vector<std::string> lines;
    for (const auto& finding : report.at("findings").as_array()) {
      const auto text = [&](const char* member) { return text_of(finding, member); };
      if (text("verdict") != "ok" &&
          !text("check").starts_with("host."))  // this host's own are not the test's
        lines.push_back(text("verdict") + " " + text("check"));
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a healthy fleet, asked through its API alone, is well", "[doctor]") {
  const ToldServer server(fleet());
  const Doctored done(server.address());
  CHECK(done.trouble().empty());
  CHECK(done.ended == Ended::Success);
}

TEST_CASE("a conductor of another version is told, and ends with success", "[doctor]") {
  const ToldServer server(fleet("0.9.0"));
  const Doctored done(server.address());
  CHECK(done.trouble() == Lines{"warning conductor.version"});
  CHECK(done.ended == Ended::Success);
}

TEST_CASE("a conductor whose clock is off by minutes is wrong", "[doctor]") {
  // Far more than the test may take between making the answer and asking for it.
  const ToldServer server(fleet("0.1.0", now_text(Millis{600'000})));
  const Doctored done(server.address());
  CHECK(done.trouble() == Lines{"wrong clock.skew"});
  CHECK(done.ended == Ended::FlowFailed);
}

TEST_CASE("a conductor that does not know GET /v1/self is told, and not taken for gone", "[doctor]") {
  auto answers = fleet();
  answers["GET /v1/self"] =
      http_answer("404 Not Found", "application/problem+json",
                  R"({"type": "urn:baton:problem:no-such-path", "title": "Nothing is served here"})");
  const ToldServer server(answers);
  const Doctored done(server.address());
  CHECK(done.trouble() == Lines{"not looked at conductor.servers"});
}

TEST_CASE("where nobody answers the end is unreachable, another server is told apart", "[doctor]") {
  const Doctored nobody("127.0.0.1:1");
  CHECK(nobody.trouble() == Lines{"wrong conductor.reachable", "not looked at worker.there"});
  CHECK(nobody.ended == Ended::Unreachable);
  const ToldServer page({{"*", http_answer("200 OK", "text/html", "<p>It works!</p>")}});
  const Doctored other(page.address());
  CHECK(other.trouble() == Lines{"wrong conductor.reachable", "not looked at worker.there"});
  CHECK_THAT(other.out.str(), Catch::Contains("somebody answers who is no Baton conductor (200)"));
}

TEST_CASE("a conductor that lists nobody, itself neither, is asked of itself all the same", "[doctor]") {
  auto answers = fleet("0.9.0");
  answers["GET /v1/conductors"] = answer(R"({"conductors": []})");
  const ToldServer server(answers);
  const Doctored done(server.address());
  CHECK(done.trouble() == Lines{"warning conductor.version"});
  // The same one under two names is one.
  const auto also = "localhost" + server.address().substr(server.address().find(':'));
  CHECK(Doctored(server.address() + "," + also).trouble() == Lines{"warning conductor.version"});
  std::size_t reached = 0;
  const Doctored both(server.address() + "," + also);
  for (const auto& finding : both.report.at("findings").as_array())
    reached += text_of(finding, "check") == "conductor.reachable";
  CHECK(reached == 1);
}

TEST_CASE("what waits and who is left alone are judged each, when another list does not come", "[doctor]") {
  auto answers = fleet();
  auto waits = self("0.1.0", "");
  waits.replace(waits.find(R"("waiting": [])"), 13,
                R"("waiting": [{"task_type": "brew", "atoms": 1, "longest_ms": 90000, "job": "j"}])");
  answers["GET /v1/self"] = answer(waits);
  const auto broken = http_answer("500 Internal Server Error", "text/plain", "x");
  answers["GET /v1/left-alone"] = broken;
  const ToldServer server(answers);
  CHECK(Doctored(server.address()).trouble() == Lines{"wrong jobs.waiting", "not looked at jobs.left_alone"});
  answers["GET /v1/workers"] = broken;
  const ToldServer other(answers);
  CHECK(Doctored(other.address()).trouble() ==
        Lines{"not looked at worker.there", "warning jobs.waiting", "not looked at jobs.left_alone"});
}

TEST_CASE("every conductor is asked whom it leaves alone, and each job is told once", "[doctor]") {
  const auto of = [](const std::string& name, const std::string& jobs) {
    auto answers = fleet();
    auto own = self("0.1.0", "");
    own.replace(own.find(R"("i1")"), 4, '"' + name + '"');
    answers["GET /v1/self"] = answer(own);
    answers["GET /v1/conductors"] = answer(R"({"conductors": []})");
    answers["GET /v1/left-alone"] = answer(R"({"left_alone": [)" + jobs + R"(], "parked": []})");
    return answers;
  };
  const std::string a = R"({"kind": "left-alone", "job": "a", "reason": "r"})";
  const std::string b = R"({"kind": "left-alone", "job": "b", "reason": "r"})";
  const ToldServer one(of("i1", a)), other(of("i2", a + "," + b));
  CHECK(Doctored(one.address() + "," + other.address()).trouble() ==
        Lines{"warning jobs.left_alone", "warning jobs.left_alone"});
}

TEST_CASE("an answer with odd numbers does not end the command", "[doctor]") {
  auto answers = fleet();
  auto odd = self("0.1.0", "2026-11-26T05:58:1e300Z");
  odd.replace(odd.find("\"silent_for_ms\": 3"), 18, "\"silent_for_ms\": 1.5");
  odd.replace(odd.find("\"schema_version\": 6"), 19, "\"schema_version\": 1e300");
  answers["GET /v1/self"] = answer(odd);
  const ToldServer server(answers);
  const Doctored done(server.address());
  CHECK(done.trouble().empty());
  CHECK(done.ended == Ended::Success);
}

TEST_CASE("a wrong setting is found where nobody answers, too", "[doctor]") {
  const ScratchFolder folder;
  const std::string file = folder.path() + "/conductor.toml";
  std::ofstream(file) << "[conductor]\nflows_max = -1\n";
  const Doctored done("127.0.0.1:1", {{file}, kLong});
  CHECK(done.ended == Ended::FlowFailed);
}

TEST_CASE("one of two conductors that is away is wrong, and the other is looked at", "[doctor]") {
  const ToldServer server(fleet());
  const Doctored done("127.0.0.1:1," + server.address());
  CHECK(done.trouble() == Lines{"wrong conductor.reachable"});
  CHECK(done.ended == Ended::FlowFailed);
}

TEST_CASE("servers that accept and never answer are given up by the deadline", "[doctor]") {
  // Its backlog accepts; nobody ever reads.
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const std::string address = "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const ScratchFolder folder;
  const std::string file = folder.path() + "/conductor.toml";
  std::ofstream(file) << "[zookeeper]\nhosts = \"" << address << "\"\n[kafka]\nbrokers = \"" << address
                      << "\"\n[postgres]\nconninfo = \"host=127.0.0.1 port=" << silent.local_endpoint().port()
                      << " dbname=x user=x password=correct-horse\"\n";
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  const Doctored done(address, {{file}, Millis{1'200}});
  CHECK(done.trouble() == Lines{"wrong conductor.reachable", "not looked at worker.there",
                                "wrong zookeeper.reachable", "wrong kafka.reachable",
                                "wrong postgres.reachable"});
  CHECK(done.ended == Ended::Unreachable);
  CHECK_THAT(done.out.str(), Catch::Contains("accepts the connection and says nothing"));
  CHECK_THAT(done.out.str() + done.err.str(), !Catch::Contains("correct-horse"));
}
