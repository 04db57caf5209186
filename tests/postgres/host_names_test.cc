#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <map>

#include "common/postgres/connection.h"
#include "common/postgres/host_resolver.h"
#include "tests/contract/store/store_under_test.h"
#include "tests/postgres/proxied_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;

namespace {

using Names = std::vector<std::string>;
using Told = postgres::HostResolver::Answer;

/// Knows what it was told; what it was not told it never answers, as DNS that is away.
class ToldResolver final : public postgres::HostResolver {
 public:
  explicit ToldResolver(boost::asio::io_context& io) : io_(io) {}

  void resolve(const std::string& host, Done done) override {
    asked.push_back(host);
    const auto known = answers.find(host);
    if (known == answers.end()) return waiting.push_back(std::move(done));
    boost::asio::post(io_, [done, answer = known->second] { done(answer); });
  }

  std::map<std::string, Result<Names, std::string>> answers;
  Names asked;
  std::vector<Done> waiting;

 private:
  boost::asio::io_context& io_;
};

struct NameStory {
  std::optional<postgres::SqlError> open(const std::string& hosts, Millis timeout = Millis{5'000}) {
    auto connection = postgres::Connection::make(stores.io(), resolver);
    bool ended = false;
    std::optional<postgres::SqlError> problem;
    connection->open(
        postgres::parse_conninfo(stores.schema().conninfo() + " " + hosts).value(), first, timeout,
        [&](std::optional<postgres::SqlError> error) { ended = true, problem = std::move(error); },
        [](const postgres::SqlError&) {});
    REQUIRE(stores.run_until([&] { return ended; }));
    return problem;
  }

  PostgresStores stores;
  std::size_t first = 0;
  std::shared_ptr<ToldResolver> resolver = std::make_shared<ToldResolver>(stores.io());
  const std::string port = std::to_string(port_of(stores.schema().conninfo()));
};

}  // namespace

TEST_CASE("a host's name is asked for beside the loop, libpq gets the address", "[postgres][names]") {
  NameStory story;
  story.resolver->answers.emplace("db.invalid", Names{"127.0.0.1"});
  CHECK_FALSE(story.open("host=db.invalid"));
  CHECK(story.resolver->asked == Names{"db.invalid"});
}

TEST_CASE("each address of a name is tried, and each host of a list", "[postgres][names]") {
  NameStory story;
  story.resolver->answers.emplace("dead.invalid", Names{"127.0.0.1"});
  story.resolver->answers.emplace("db.invalid", Names{"127.0.0.77", "127.0.0.1"});  // one listens there
  story.resolver->answers.emplace("gone.invalid", Fail(std::string("no such name")));
  CHECK_FALSE(story.open("host=gone.invalid,dead.invalid,/nowhere,db.invalid port=1,1,1," + story.port));
  CHECK(story.resolver->asked == Names{"gone.invalid", "dead.invalid", "db.invalid"});
}

TEST_CASE("the next try begins at the next address of a name", "[postgres][names]") {
  NameStory story;
  using boost::asio::ip::tcp;
  const auto silent = boost::asio::ip::make_address("127.0.0.78");
  const tcp::acceptor swallows(story.stores.io(), tcp::endpoint(silent, port_of("port=" + story.port)));
  story.resolver->answers.emplace("db.invalid", Names{"127.0.0.78", "127.0.0.1"});
  const auto late = story.open("host=db.invalid", Millis{300});
  REQUIRE(late);
  CHECK(late->message == "no connection within 300 ms");
  story.first = 1;
  CHECK_FALSE(story.open("host=db.invalid"));
}

TEST_CASE("numbers and sockets are asked of nobody", "[postgres][names]") {
  NameStory story;
  CHECK_FALSE(story.open("host=127.0.0.1"));
  CHECK_FALSE(story.open("host=db.invalid hostaddr=127.0.0.1"));
  const auto no_socket = story.open("host=/nowhere");
  REQUIRE(no_socket);
  CHECK_THAT(no_socket->message, Contains("/nowhere/.s.PGSQL." + story.port));
  CHECK(story.resolver->asked.empty());
}

TEST_CASE("while names are not answered the loop turns, and the try ends in time", "[postgres][names]") {
  NameStory story;
  int ticks = 0;
  boost::asio::steady_timer timer(story.stores.io());
  std::function<void()> tick = [&] {
    timer.expires_after(Millis{10});
    timer.async_wait([&](boost::system::error_code cancelled) {
      if (!cancelled) ++ticks, tick();
    });
  };
  tick();
  const auto late = story.open("host=silent.invalid", Millis{300});
  REQUIRE(late);
  CHECK(late->message == "no connection within 300 ms: the hosts' names are still being looked up");
  CHECK(ticks > 3);
  for (const auto& done : story.resolver->waiting) done(Names{"127.0.0.1"});  // too late: nothing happens
}

TEST_CASE("a name that is not answered does not keep the other hosts from being tried", "[postgres][names]") {
  NameStory story;
  CHECK_FALSE(story.open("host=silent.invalid,127.0.0.1"));
  CHECK(story.resolver->asked == Names{"silent.invalid"});
}

TEST_CASE("a name without an address is told", "[postgres][names]") {
  NameStory story;
  story.resolver->answers.emplace("gone.invalid", Fail(std::string("'gone.invalid' has no address")));
  CHECK(story.open("host=gone.invalid")->message == "'gone.invalid' has no address");
}

TEST_CASE("a name is asked for once for all who wait for it, and anew when it has been answered",
          "[postgres][names]") {
  boost::asio::io_context io;
  std::atomic<int> questions = 0;
  std::promise<void> released;
  const auto resolver = postgres::HostResolver::beside(
      io, [&questions, go = released.get_future().share()](const std::string& host) -> Told {
        ++questions;
        go.wait();
        if (host == "gone.invalid") return Fail(std::string("no such name"));
        return Names{"127.0.0.1"};
      });
  std::vector<std::string> answers;
  const auto ask = [&](const std::string& host) {
    resolver->resolve(host, [&](const Told& answer) {
      answers.push_back(answer.ok() ? answer.value().front() : answer.error());
    });
  };
  ask("db.invalid"), ask("gone.invalid"), ask("db.invalid"), ask("db.invalid");
  io.poll();
  CHECK(answers.empty());
  released.set_value();
  io.run_for(std::chrono::seconds(10));
  CHECK(questions == 2);
  CHECK(answers == Names{"127.0.0.1", "127.0.0.1", "127.0.0.1", "no such name"});
  ask("db.invalid");
  io.restart();
  io.run_for(std::chrono::seconds(10));
  CHECK(questions == 3);
  CHECK(answers.size() == 5);
}

TEST_CASE("the system's answer is each address once, or why there is none", "[postgres][names]") {
  boost::asio::io_context io;
  const auto system = postgres::HostResolver::system(io);
  std::optional<Names> found;
  std::string problem;
  system->resolve("localhost", [&](const Told& answer) {
    REQUIRE(answer.ok());
    found = answer.value();
  });
  system->resolve(std::string(64, 'a'), [&](const Told& answer) {  // a letter too long: never sent to DNS
    REQUIRE_FALSE(answer.ok());
    problem = answer.error();
  });
  CHECK_FALSE(found);
  io.run_for(std::chrono::seconds(10));
  REQUIRE(found);
  CHECK(std::count(found->begin(), found->end(), "127.0.0.1") == 1);
  CHECK_THAT(problem, Contains("aaa' has no address: "));
}

TEST_CASE("no end waits for a name that is still being asked for", "[postgres][names]") {
  std::promise<void> asked, released;
  const auto freed = std::make_shared<std::promise<void>>();
  auto all_freed = freed->get_future();
  {
    boost::asio::io_context io;
    std::shared_ptr<void> held(nullptr, [freed](void*) { freed->set_value(); });
    const auto resolver = postgres::HostResolver::beside(
        io, [&asked, go = released.get_future().share(), held = std::move(held)](const std::string&) -> Told {
          asked.set_value();
          go.wait();
          return Names{"127.0.0.1"};
        });
    resolver->resolve("slow.invalid", [](const Told&) { FAIL("an answer behind the end"); });
    REQUIRE(asked.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  }  // an end that waits stands here for ever: the answer comes behind it
  released.set_value();
  CHECK(all_freed.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
}
