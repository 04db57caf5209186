#include "common/memory/ensemble.h"

#include <catch2/catch.hpp>

#include "common/memory/directory.h"
#include "common/memory/event_loop.h"
#include "common/memory/job_board.h"
#include "common/memory/seeded_entropy.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::memory;
using namespace baton::ports;

namespace {

struct Ears final : JobBoard::Listener, Directory::Listener {
  int listed = 0, disconnected = 0, lost = 0;
  std::map<std::string, bool> claimed;
  std::size_t workers = 0;
  void on_job(const BoardJob& job) override { claimed[job.path] = job.claimed; }
  void on_gone(const std::string& path) override { claimed.erase(path); }
  void on_unreadable(const std::string&, const std::string&) override {}
  void on_listed() override { ++listed; }
  void on_disconnected() override { ++disconnected; }
  void on_session_lost() override { ++lost; }
  void on_workers(const std::vector<Advert>& all, const std::vector<Incarnation>&) override {
    workers = all.size();
  }
  void on_conductors(const std::vector<Member>&) override {}
};

/// Two processes on one ensemble; the first holds a job and has an advert.
struct Ensemble {
  EventLoop loop;
  SeededEntropy entropy{3};
  MemoryEnsemble server{loop, loop, entropy, {.session_timeout = 4000ms, .latency = 2ms}};
  MemorySession first{server}, second{server};
  MemoryJobBoard board{first, {}}, other{second, {}};
  MemoryDirectory directory{first}, other_directory{second};
  Ears ears, other_ears, names;
  BoardClaim held;

  Ensemble() {
    board.open(ears);
    other.open(other_ears);
    other_directory.open(names);
    Advert advert;
    advert.incarnation = Incarnation(entropy.uuid());
    directory.advertise(advert, [](const auto& done) { REQUIRE(done.ok()); });
    held = claim(post("job"));
  }
  std::string post(const std::string& uuid) {
    std::string path;
    board.post(*Posting::make(JobId(uuid), "n", Priority::Normal, *Value::parse("{}")),
               [&](const auto& done) { path = *done; });
    loop.run_for(100ms);
    return path;
  }
  BoardClaim claim(const std::string& path) {
    BoardClaim claim;
    board.claim(path, [&](const auto& done) { claim = *done; });
    loop.run_for(100ms);
    return claim;
  }
};

}  // namespace

TEST_CASE_METHOD(Ensemble, "a short cut of the link keeps session, claim and advert") {
  first.disconnect();
  loop.run_for(3s);
  CHECK(ears.disconnected == 1);
  CHECK(first.silent_for() == 3s);
  std::optional<BoardErrorCode> refused;
  board.consume(held, [&](const auto& done) { refused = done.error().code; });
  loop.run_for(10ms);
  CHECK(refused == BoardErrorCode::Unavailable);
  first.reconnect();
  loop.run_for(10ms);
  CHECK(ears.lost == 0);
  CHECK(first.silent_for() == 0ms);
  CHECK(names.workers == 1);
  bool consumed = false;
  board.consume(held, [&](const auto& done) { consumed = done.ok(); });
  loop.run_for(10ms);
  CHECK(consumed);
}

TEST_CASE_METHOD(Ensemble, "a cut over the timeout frees the claim at the server, this side learns it late") {
  first.disconnect();
  loop.run_for(5s);
  CHECK_FALSE(other_ears.claimed.at(held.path));
  CHECK(names.workers == 0);
  CHECK(ears.lost == 0);
  first.reconnect();
  loop.run_for(10ms);
  CHECK(ears.lost == 1);
  CHECK(names.workers == 1);  // the advert was written again
  std::optional<BoardErrorCode> refused;
  board.consume(held, [&](const auto& done) { refused = done.error().code; });
  loop.run_for(10ms);
  CHECK(refused == BoardErrorCode::NotOwner);
}

TEST_CASE_METHOD(Ensemble, "what is on the way when the session ends is answered SessionLost") {
  std::optional<BoardErrorCode> refused;
  board.abandon(held, [&](const auto& done) { refused = done.error().code; });
  first.expire();
  loop.run_for(100ms);
  CHECK(refused == BoardErrorCode::SessionLost);
}

TEST_CASE_METHOD(Ensemble, "a wipe is another board: another id, lower lock numbers, nothing on it") {
  server.wipe();
  loop.run_for(100ms);
  CHECK(ears.lost == 1);
  CHECK(other_ears.lost == 1);
  CHECK(server.children("/taskflow/jobs").empty());
  CHECK(names.workers == 1);
  const auto next = claim(post("again"));
  CHECK(next.board_id != held.board_id);
  CHECK(next.lock_czxid > 0);
}

TEST_CASE_METHOD(Ensemble,
                 "a process that does not run loses its session, and believes in it until it hears") {
  first.fall_silent();
  loop.run_for(2s);
  CHECK(ears.disconnected == 0);
  CHECK(first.connected());
  CHECK(first.silent_for() == 2s);
  loop.run_for(3s);
  CHECK(ears.disconnected == 1);  // noticed after two thirds of the timeout
  CHECK_FALSE(other_ears.claimed.at(held.path));
  CHECK(first.number() != 0);
  first.reconnect();
  loop.run_for(10ms);
  CHECK(ears.lost == 1);
}

TEST_CASE_METHOD(Ensemble,
                 "a request on its way is done though its sender is dead, and its session ends late") {
  const std::string path = post("another");
  board.claim(path, [](const auto&) { FAIL("the dead are told nothing"); });
  first.die();
  loop.run_for(10ms);
  CHECK(other_ears.claimed.at(path));
  loop.run_for(3900ms);
  CHECK(other_ears.claimed.at(held.path));
  loop.run_for(200ms);
  CHECK_FALSE(other_ears.claimed.at(held.path));
  CHECK_FALSE(other_ears.claimed.at(path));
}

TEST_CASE_METHOD(Ensemble,
                 "a restored server has the old id and old numbers, sessions of then end by their timeout") {
  const auto backup = server.backup();
  for (int i = 0; i < 20; ++i) server.create("/other/" + std::to_string(i), "");
  const auto before = claim(post("later"));
  server.restore(backup);
  loop.run_for(1s);
  CHECK(ears.lost == 1);
  CHECK(server.find(held.path + ".lock") != nullptr);  // of a session that nobody has
  loop.run_for(4s);
  CHECK(server.find(held.path + ".lock") == nullptr);
  const auto after = claim(post("later"));
  CHECK(after.board_id == before.board_id);
  CHECK(after.path == before.path);
  CHECK(after.lock_czxid < before.lock_czxid);
}

TEST_CASE_METHOD(Ensemble, "no session ends while the server is down, and each has its timeout afterwards") {
  first.disconnect();
  server.set_down(true);
  loop.run_for(60s);
  CHECK(other_ears.claimed.at(held.path));
  server.set_down(false);
  loop.run_for(3s);
  first.reconnect();
  loop.run_for(10ms);
  CHECK(ears.lost == 0);
}

TEST_CASE_METHOD(Ensemble, "a link that is lost again before the server has heard of it is no sign of life") {
  first.fall_silent();
  loop.run_for(1s);
  first.reconnect();
  first.fall_silent();  // the word is still on its way
  loop.run_for(5s);
  CHECK(names.workers == 0);
  CHECK_FALSE(other_ears.claimed.at(held.path));
}

TEST_CASE("the answer of an earlier link does not hide that the session is over since") {
  /// What the server says is heard when the process goes on.
  struct Stopped final : Link {
    explicit Stopped(EventLoop& l) : loop(l) {}
    void to_server(std::function<void()> arrives) override { loop.post(std::move(arrives)); }
    void to_client(std::function<void()> arrives) override {
      stopped ? unheard.push_back(std::move(arrives)) : loop.post(std::move(arrives));
    }
    void go_on() {
      stopped = false;
      for (auto& word : unheard) loop.post(std::move(word));
    }
    EventLoop& loop;
    bool stopped = false;
    std::vector<std::function<void()>> unheard;
  };
  EventLoop loop;
  SeededEntropy entropy{3};
  MemoryEnsemble server{loop, loop, entropy};
  const auto link = std::make_shared<Stopped>(loop);
  MemorySession session{server, {loop, loop, link}};
  loop.run_for(10ms);
  const auto ended = session.number();
  session.fall_silent();
  link->stopped = true;
  session.reconnect();
  loop.run_for(10ms);
  session.fall_silent();
  server.end_session(ended);
  link->go_on();
  session.reconnect();
  loop.run_for(10ms);
  CHECK(session.connected());
  CHECK(session.number() != ended);
}

TEST_CASE("the same posts on two ensembles give the same nodes") {
  const auto played = [] {
    Ensemble ensemble;
    for (int i = 0; i < 20; ++i) ensemble.post(std::to_string(i));
    ensemble.first.expire();
    ensemble.loop.run_for(1s);
    std::string trace = ensemble.held.board_id;
    for (const auto& name : ensemble.server.children("/taskflow/jobs"))
      trace += name + std::to_string(ensemble.server.find("/taskflow/jobs/" + name)->czxid) + " ";
    return trace;
  };
  CHECK(played() == played());
}
