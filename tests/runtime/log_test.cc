#include "common/runtime/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "common/memory/event_loop.h"
#include "common/runtime/rate_limit.h"
#include "common/runtime/unreadables.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::runtime;

namespace {

/// What is written to stderr while it lives; level and format are put back behind it.
class CapturedLog {
 public:
  CapturedLog(LogLevel level, LogFormat format) : file_(std::tmpfile()), stderr_(dup(STDERR_FILENO)) {
    REQUIRE(dup2(fileno(file_), STDERR_FILENO) == STDERR_FILENO);
    start_logging(level, format);
  }
  ~CapturedLog() {
    start_logging(LogLevel::Warning, LogFormat::Text);
    dup2(stderr_, STDERR_FILENO);
    close(stderr_);
    std::fclose(file_);
  }
  std::string text() const {
    std::string all(65536, '\0');
    const auto size = pread(fileno(file_), all.data(), all.size(), 0);
    REQUIRE(size >= 0);
    all.resize(static_cast<std::size_t>(size));
    return all;
  }

 private:
  std::FILE* file_;
  int stderr_;
};

}  // namespace

TEST_CASE("a text record has time, level, message, identity and fields") {
  CapturedLog captured(LogLevel::Info, LogFormat::Text);
  const Log log = Log().with({{"job", JobId("j1")}, {"epoch", Epoch{2, 77}}});
  log.info("atom dispatched", {{"atom", "charge card"}, {"attempt", 2u}, {"late", true}});
  const auto text = captured.text();
  CHECK(text.size() > 25);
  CHECK(text.substr(23, 1) == "Z");
  CHECK(text.substr(25) ==
        "info    atom dispatched job=j1 epoch=2.77 atom=\"charge card\" attempt=2 late=true\n");
}

TEST_CASE("a JSON record is one object a line, whatever the texts hold") {
  CapturedLog captured(LogLevel::Info, LogFormat::Json);
  Log()
      .with({{"flow", FlowId(Uuid{})}})
      .warning("two\nlines \"quoted\" \xff {}", {{"worker", "w\x01"}, {"ratio", std::nan("")}, {"n", -5}});
  const auto text = captured.text();
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 1);
  const auto record = boost::json::parse(text);
  CHECK(record.at("level") == "warning");
  CHECK(record.at("msg") == "two\nlines \"quoted\" \xEF\xBF\xBD {}");
  CHECK(record.at("flow") == "00000000-0000-0000-0000-000000000000");
  CHECK(record.at("worker") == "w\x01");
  CHECK(record.at("ratio").is_null());
  CHECK(record.at("n") == -5);
}

TEST_CASE("records below the level are not written") {
  CapturedLog captured(LogLevel::Warning, LogFormat::Text);
  Log().info("hidden");
  Log().debug("hidden");
  CHECK_FALSE(Log::enabled(LogLevel::Info));
  CHECK(captured.text().empty());
  Log().error("shown");
  CHECK(captured.text().find("error   shown\n") != std::string::npos);
}

TEST_CASE("a repeated message passes once a minute and says how many were held back") {
  CapturedLog captured(LogLevel::Info, LogFormat::Text);
  RateLimit limit;
  for (int second = 0; second <= 60; ++second)
    limit.write(Log(), LogLevel::Warning, second * 1s, "kafka is away", {{"second", second}});
  const auto text = captured.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find("kafka is away second=0\n") != std::string::npos);
  CHECK(text.find("kafka is away held_back=59 second=60\n") != std::string::npos);
}

TEST_CASE("what comes from outside and cannot be taken is counted by kind, and told once a minute") {
  CapturedLog captured(LogLevel::Info, LogFormat::Text);
  memory::EventLoop clock;
  Unreadables unreadables(clock);
  for (int second = 0; second < 60; ++second, clock.run_for(Millis{1'000}))
    unreadables.saw(UnreadableKind::Posting, "it is \x1b[2J no job", std::string(10'000, 'x'));
  unreadables.saw(UnreadableKind::Posting, "it is none either", "");
  unreadables.saw(UnreadableKind::Version, "version 7", "");
  CHECK(unreadables.counts().of(UnreadableKind::Posting) == 61);
  CHECK(unreadables.counts().of(UnreadableKind::Version) == 1);
  CHECK(unreadables.counts().of(UnreadableKind::Message) == 0);
  const auto text = captured.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.size() < 3 * 1'000);
  CHECK(text.find("kind=posting") < text.find("kind=version"));
  CHECK(text.find("held_back=59") != std::string::npos);
  CHECK(text.find("so_far=60") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE(
    "what is seen of one kind within a minute is told when it is over, each place once, though no more "
    "comes") {
  CapturedLog captured(LogLevel::Info, LogFormat::Text);
  memory::EventLoop clock;
  Unreadables unreadables(clock);
  for (const auto* node : {"/workers/1", "/workers/2", "/workers/3", "/workers/2"})
    unreadables.saw(UnreadableKind::Advert, "it is none", node);
  clock.run_for(Unreadables::kTogether - Millis{1});
  CHECK(captured.text().find("/workers/2") == std::string::npos);
  clock.run_for(Millis{10 * 60'000});
  const auto text = captured.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find("why=\"it is none\" from=/workers/1 so_far=1") != std::string::npos);
  CHECK(text.find("from=\"/workers/2, /workers/3\" held_back=3 so_far=4") != std::string::npos);
  {
    Unreadables gone(clock);
    gone.saw(UnreadableKind::Message, "why", "");
  }
  clock.run_for(Unreadables::kTogether);  // its timer has gone with it
}

TEST_CASE("where it came from is empty where nobody knows it, and more places than are named are told of") {
  CapturedLog captured(LogLevel::Info, LogFormat::Json);
  memory::EventLoop clock;
  Unreadables unreadables(clock);
  unreadables.saw(UnreadableKind::Message, "it is none", Incarnation{});
  for (int i = 1; i <= 22; ++i)
    unreadables.saw(UnreadableKind::Posting, "it is none", "/jobs/" + std::to_string(i));
  clock.run_for(Unreadables::kTogether);
  const auto text = captured.text();
  CHECK(text.find(R"("from":"","so_far":1)") != std::string::npos);
  CHECK(text.find("/jobs/20, /jobs/21 and others\"") != std::string::npos);
  CHECK(text.find("/jobs/22") == std::string::npos);
}

TEST_CASE("no terminal obeys a field of a record") {
  for (const auto format : {LogFormat::Text, LogFormat::Json}) {
    CapturedLog captured(LogLevel::Info, format);
    Log().with({{"job", "a\x7f"}}).info("posted", {{"name", "b\xC2\x9B\x32J\xC2\xA0\x1b"}});
    const auto text = captured.text();
    CHECK(text.find_first_of("\x7f\x1b") == std::string::npos);
    CHECK(text.find("\xC2\x9B") == std::string::npos);
    CHECK(text.find("\"a\\u007f\"") != std::string::npos);
    CHECK(text.find("\"b\\u009b2J\xC2\xA0\\u001b\"") != std::string::npos);
  }
}
