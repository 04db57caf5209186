#include "doctor/round.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "doctor/checks.h"
#include "doctor/report.h"
#include "doctor/tcp_question.h"
#include "tests/client/told_server.h"

using namespace baton;
using namespace baton::doctor;
using Words = std::vector<std::string>;

namespace {

/// Opened once, for threads that wait for it.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

constexpr Millis kLong{40'000};

Ask quick(const std::string& what, Words& said) {
  return {what, [what, &said]() -> Record { return [what, &said] { said.push_back(what); }; },
          [&said](const std::string&) { said.push_back("late"); }};
}

}  // namespace

TEST_CASE("a round asks all at once, and what comes of an answer too", "[doctor]") {
  Words said;
  Round round(kLong);
  const auto a_gate = std::make_shared<Gate>(), b_gate = std::make_shared<Gate>();
  // Each waits for the other: one after the other they would never end.
  round.add({"a",
             [a_gate, b_gate, &said]() -> Record {
               a_gate->open();
               b_gate->pass();
               return [&said] { said.push_back("a"); };
             },
             [&said](const std::string&) { said.push_back("a late"); }});
  round.add({"b",
             [a_gate, b_gate, &said, &round]() -> Record {
               b_gate->open();
               a_gate->pass();
               return [&said, &round] { round.add(quick("c", said)); };
             },
             [&said](const std::string&) { said.push_back("b late"); }});
  std::size_t asked = 0, answered = 0;
  round.run([&](const Progress& progress) { asked = progress.asked, answered = progress.answered; });
  std::sort(said.begin(), said.end());
  CHECK(said == Words{"a", "c"});
  CHECK(asked == 3);
  CHECK(answered == 3);
  CHECK(round.late() == 0);
}

TEST_CASE("who does not answer by the deadline is given up, and heard no more", "[doctor]") {
  Words said;
  Words waited_for;
  const auto gate = std::make_shared<Gate>(), gone = std::make_shared<Gate>();
  {
    Round round(Millis{50});
    round.add({"silent",
               [gate, gone, &said]() -> Record {
                 gate->pass();
                 gone->open();
                 return [&said] { said.push_back("silent"); };
               },
               [&said](const std::string& why) { said.push_back(why); }});
    round.run([&](const Progress& progress) {
      if (!progress.waiting_for.empty()) waited_for = progress.waiting_for;
    });
    CHECK(round.late() == 1);
  }
  CHECK(waited_for == Words{"silent"});
  CHECK(said == Words{"no answer in 50 ms"});
  gate->open();
  gone->pass();  // its thread ends behind the round's end
  CHECK(said.size() == 1);
}

TEST_CASE("a question that fails by something odd is told as that, and the others go on", "[doctor]") {
  Words said;
  Round round(kLong);
  round.add({"odd", []() -> Record { throw std::runtime_error("not exact"); },
             [&said](const std::string& why) { said.push_back(why); }});
  round.add(quick("well", said));
  round.run([](const Progress&) {});
  std::sort(said.begin(), said.end());
  CHECK(said == Words{"its answer cannot be used: not exact", "well"});
  CHECK(round.late() == 0);
}

TEST_CASE("a question over TCP: answered, refused, closed, and never answered", "[doctor]") {
  const std::map<std::string, std::string> answers{{"GET /", "srvr says"}};
  const test::ToldServer server(answers);
  const auto [host, port] = host_and_port(server.address(), "1");
  const auto never = [](std::string_view) { return false; };
  CHECK(ask_over_tcp(host, port, "GET / HTTP/1.1\r\n\r\n", kLong, never).value() == "srvr says");
  CHECK_THAT(ask_over_tcp("127.0.0.1", "1", "x", kLong, never).error(),
             Catch::StartsWith("no connection: Connection refused"));
  // The head of its request never ends: it accepts and says nothing.
  CHECK(ask_over_tcp(host, port, "no end", Millis{50}, never).error() ==
        "accepts the connection and says nothing");
  CHECK_THAT(ask_over_tcp("127.0.0.1", "no-such-service", "x", kLong, never).error(),
             Catch::StartsWith("'127.0.0.1:no-such-service' cannot be resolved: "));
}

TEST_CASE("addresses are taken apart", "[doctor]") {
  using Pair = std::pair<std::string, std::string>;
  CHECK(host_and_port("a:1", "2") == Pair{"a", "1"});
  CHECK(host_and_port("a", "2") == Pair{"a", "2"});
  CHECK(host_and_port("[::1]:3", "2") == Pair{"::1", "3"});
  CHECK(host_and_port("::1", "2") == Pair{"::1", "2"});
}

TEST_CASE("the report: what matters most last, why and what to do, and a sum", "[doctor]") {
  const std::vector<Finding> findings{
      {Verdict::Wrong, "postgres.fsync", "db", "fsync is off", "set fsync = on\nand restart it"},
      {Verdict::Ok, "worker.there", "the fleet", "3 workers", ""},
      {Verdict::Warning, "host.clock", "this host", "not synchronised", "run chrony"},
      {Verdict::NotLookedAt, "jobs.waiting", "x", "nobody told", "ask again"}};
  std::ostringstream out;
  print_report(out, findings, false);
  CHECK(out.str() ==
        "ok             worker.there    the fleet: 3 workers\n"
        "not looked at  jobs.waiting    x: nobody told\n"
        "               do:  ask again\n"
        "warning        host.clock      this host: not synchronised\n"
        "               why: logs of several hosts can only be read together when their clocks agree\n"
        "               do:  run chrony\n"
        "wrong          postgres.fsync  db: fsync is off\n"
        "               why: what was confirmed is lost when the host crashes: jobs run twice or vanish\n"
        "               do:  set fsync = on\n"
        "                    and restart it\n"
        "4 checks: 1 ok, 1 warning, 1 wrong, 1 not looked at\n");
  std::ostringstream coloured;
  print_report(coloured, findings, true);
  CHECK_THAT(coloured.str(), Catch::Contains("\033[1;31mwrong        \033[0m  postgres.fsync"));
  const auto json = report_json(findings);
  CHECK(json.at("verdict") == "wrong");
  CHECK(json.at("counts").at("not looked at") == 1);
  CHECK(boost::json::serialize(json.at("findings").as_array()[1]) ==
        R"({"verdict":"ok","check":"worker.there","subject":"the fleet","seen":"3 workers",)"
        R"("why":"without workers no task runs","advice":""})");
}

TEST_CASE("what others said does not reach the terminal as commands", "[doctor]") {
  std::ostringstream out;
  print_report(out, {{Verdict::Wrong, "kafka.reachable", "k\r1", "\033[2Jgone\x7f", "see\nit\b"}}, false);
  CHECK_THAT(out.str(), Catch::Contains("k?1: ?[2Jgone?\n"));
  CHECK_THAT(out.str(), Catch::Contains("do:  see\n                    it?\n"));
}

TEST_CASE("progress fits a line", "[doctor]") {
  CHECK(progress_line({1, 3, {std::string(200, 'x')}}, kProgressWidth).size() < 80);
  CHECK(progress_line({1, 3, {"a", "b"}}, 80) == "asking (1 of 3 have answered): a, b");
  CHECK(progress_line({1, 3, {"abcdefghijk"}}, 40) == "asking (1 of 3 have answered): abcdef...");
}

TEST_CASE("every check has a row in docs/doctor.md, and every row is a check", "[doctor]") {
  std::stringstream docs;
  docs << std::ifstream(BATON_DOCTOR_DOCS).rdbuf();
  std::size_t rows = 0;
  for (std::string line; std::getline(docs, line);)
    if (line.starts_with("| `") && line.find('.') < line.find("` |")) ++rows;
  for (const auto& check : checks()) {
    CAPTURE(check.name);
    CHECK(docs.str().find("| `" + std::string(check.name) + "` |") != std::string::npos);
  }
  CHECK(rows == checks().size());
}
