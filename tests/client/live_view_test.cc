#include <catch2/catch.hpp>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::http_answer;
using baton::test::ToldServer;
using baton::test::Words;

namespace {

struct Command : baton::test::Command {
  Command(const ToldServer& server, Words words, bool terminal = false, bool no_color = false)
      : baton::test::Command(Invocation{std::move(words), server.address(), terminal, "", "", no_color}) {}
};

std::string job(const std::string& state, int done, const std::string& more = "") {
  return http_answer("200 OK", "application/json",
                     R"({"uuid": "u", "name": "n", "flow": "f", "posted_at": "T", "state": ")" + state +
                         R"(", "atoms_total": 2, "atoms_done": )" + std::to_string(done) + more + "}");
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

const Words kWatch{"show", "u", "--watch=1"};

}  // namespace

TEST_CASE("a job that is watched is shown once more at each change, until it has ended") {
  const ToldServer server({{"GET /v1/jobs/u #1", job("RUNNING", 0, R"(, "duration_ms": 5)")},
                           {"GET /v1/jobs/u #2", job("RUNNING", 0, R"(, "duration_ms": 1005)")},
                           {"GET /v1/jobs/u #3", job("RUNNING", 1)},
                           {"GET /v1/jobs/u", job("SUCCESS", 2)}});
  const Command command(server, kWatch);
  CHECK(command.ended == Ended::Success);
  CHECK(server.requests().size() == 4);
  CHECK(count(command.out.str(), "n  RUNNING  0/2 atoms\n") == 1);  // how long it takes is no change
  CHECK(count(command.out.str(), "n  RUNNING  1/2 atoms\n") == 1);
  CHECK(count(command.out.str(), "\n\nn  SUCCESS  2/2 atoms\n") == 1);
  CHECK(command.out.str().find('\033') == std::string::npos);
}

TEST_CASE("with --output json a job that is watched is a line at each change") {
  const ToldServer server({{"GET /v1/jobs/u #1", job("RUNNING", 0)}, {"GET /v1/jobs/u", job("REVERTED", 0)}});
  auto words = kWatch;
  words.insert(words.end(), {"-o", "json"});
  const Command command(server, words);
  CHECK(command.ended == Ended::FlowFailed);
  CHECK(count(command.out.str(), "\n") == 2);
  CHECK(count(command.out.str(), R"("state":"REVERTED")") == 1);
}

TEST_CASE("on a terminal it is written in place, in colours unless NO_COLOR is set") {
  const ToldServer server({{"GET /v1/jobs/u #1", job("RUNNING", 0)}, {"GET /v1/jobs/u", job("SUCCESS", 2)}});
  const Command colours(server, kWatch, true);
  CHECK(colours.out.str().starts_with("\033[H\033[2Jn  \033[33mRUNNING\033[0m  0/2 atoms\033[K\n"));
  CHECK(count(colours.out.str(), "\033[H") == 2);
  CHECK(count(colours.out.str(), "\033[32mSUCCESS\033[0m") == 1);
  const Command plain(server, kWatch, true, true);
  CHECK(plain.out.str().find("\033[32m") == std::string::npos);
  CHECK(plain.out.str().starts_with("\033[H\033[2Jn  SUCCESS"));
}

TEST_CASE("who does not answer for a while is asked again, and told once, and who never has ends it") {
  const std::string busy =
      http_answer("503 Service Unavailable", "application/problem+json",
                  R"({"type": "urn:baton:problem:store-unavailable", "title": "No database"})");
  const ToldServer server({{"GET /v1/jobs/u #1", job("RUNNING", 0)},
                           {"GET /v1/jobs/u #2", busy},
                           {"GET /v1/jobs/u #3", busy},
                           {"GET /v1/jobs/u", job("SUCCESS", 2)}});
  const Command command(server, kWatch);
  CHECK(command.ended == Ended::Success);
  CHECK(command.err.str() == "baton: No database (503)\n");
  const ToldServer never({{"*", busy}});
  CHECK(Command(never, kWatch).ended == Ended::Refused);
  const ToldServer gone(
      {{"GET /v1/jobs/u #1", job("RUNNING", 0)},
       {"GET /v1/jobs/u", http_answer("404 Not Found", "application/problem+json",
                                      R"({"type": "urn:baton:problem:no-such-job", "title": "No"})")}});
  CHECK(Command(gone, kWatch).ended == Ended::Refused);
}

TEST_CASE("how often it looks is a number of seconds") {
  const ToldServer server({{"*", job("SUCCESS", 2)}});
  CHECK(Command(server, {"show", "u", "--watch"}).ended == Ended::Success);
  CHECK(Command(server, {"show", "--watch", "u"}).ended == Ended::Success);  // the uuid is no number of it
  CHECK(Command(server, {"show", "u", "--watch=0"}).ended == Ended::Usage);
  CHECK(Command(server, {"show", "u", "--watch=x"}).ended == Ended::Usage);
}
