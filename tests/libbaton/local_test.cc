#include <baton/local.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/support/refused_call.h"
#include "tests/support/scratch_folder.h"

using namespace baton::embed;

namespace {

using Lines = std::vector<std::string>;

/// Tasks that count what they do.
struct Shop {
  Shop() {
    types.add("add", [this](sdk::Context&, const json::object& arguments) -> json::value {
      ++added;
      return arguments.at("x").as_int64() + 1;
    });
    types.add(
        "store",
        [](sdk::Context&, const json::object& arguments) -> json::value { return arguments.at("x"); },
        [this](sdk::Context&, const sdk::Undo& undo) { undone = json::serialize(undo.result); });
    types.add("fail", [this](sdk::Context&, const json::object&) -> json::value {
      if (broken) throw sdk::TaskFailure("Broken", "does not work", 7);
      return nullptr;
    });
    types.add("wait", [](sdk::Context& context, const json::object&) -> json::value {
      context.progress(0.25, "waits");
      if (!context.wait(std::chrono::seconds(40))) throw sdk::Cancelled();
      return nullptr;
    });
    options.state_file = folder.path() + "/shop.state";
  }

  baton::test::ScratchFolder folder;
  TaskTypes types;
  LocalOptions options;
  std::atomic<int> added = 0;
  std::atomic<bool> broken = true;
  std::string undone;
};

sdk::Flow adding() {
  return sdk::Flow::linear("adding")
      .add(sdk::task("add", "first").needs("x").provides("y"))
      .add(sdk::task("add", "second").rebind("x", "y"));
}
sdk::Flow adding_thrice() {
  return adding().add(sdk::task("add", "third").rebind("x", "y"));
}
sdk::Flow failing() {
  return sdk::Flow::linear("failing")
      .add(sdk::task("store", "stored").inject("x", 5))
      .add(sdk::task("fail", "failed"));
}
sdk::Flow waiting() {
  return sdk::Flow::linear("waiting")
      .add(sdk::task("store", "stored").inject("x", 5))
      .add(sdk::task("wait", "waits"));
}

int next_descriptor() {
  const int next = ::dup(0);
  ::close(next);
  return next;
}

LocalError::Kind refused(const std::function<void()>& call, const std::string& text) {
  try {
    call();
  } catch (const LocalError& error) {
    CHECK_THAT(error.what(), Catch::Contains(text));
    return error.kind();
  }
  FAIL("it was not refused");
  return {};
}

}  // namespace

TEST_CASE("a flow of functions runs to its end, with initial values and results", "[libbaton]") {
  Shop shop;
  const auto executor = GENERATE(Executor::serial, Executor::thread);
  const bool kept = GENERATE(false, true);
  shop.options.executor = executor;
  if (!kept) shop.options.state_file.clear();
  Local local(shop.types, shop.options);
  const auto end = local.run(adding(), {{"x", 40}});
  CHECK(end.succeeded());
  CHECK(end.flow == "adding");
  CHECK(end.run == 1);
  REQUIRE(end.atom("second"));
  CHECK(end.atom("second")->result == json::value(42));
  CHECK(end.atom("second")->state == AtomState::success);
  CHECK(end.atom("third") == nullptr);
}

TEST_CASE("a failure is told with its type, and what was done is undone", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  const auto end = local.run(failing());
  CHECK(end.state == FlowState::reverted);
  CHECK(shop.undone == "5");
  REQUIRE(end.atom("failed")->failure);
  CHECK(end.atom("failed")->failure->type == "Broken");
  CHECK(end.atom("failed")->failure->details == json::value(7));
}

TEST_CASE("listeners hear what they asked for, in order", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  Lines all, failures, flows;
  local.on_atom(any, [&](const AtomChange& change) {
    all.push_back(change.atom + " " + std::string(to_string(change.state)));
  });
  local.on_atom(AtomState::failure, [&](const AtomChange& change) {
    REQUIRE(change.failure);
    failures.push_back(change.flow + "." + change.atom + " " + change.failure->type);
    CHECK(change.from == AtomState::running);
    CHECK(change.attempt == 1);
    CHECK(change.dispatch > 0);
    CHECK(change.took.has_value());
    CHECK(change.atoms == 2);
    CHECK_FALSE(change.retry);
  });
  local.on_flow(any, [&](const FlowChange& change) {
    flows.push_back(std::string(to_string(change.from)) + ">" + std::string(to_string(change.state)));
  });
  local.run(failing());
  CHECK(all == Lines{"stored RUNNING", "stored SUCCESS", "failed RUNNING", "failed FAILURE",
                     "failed REVERTING", "failed REVERTED", "stored REVERTING", "stored REVERTED"});
  CHECK(failures == Lines{"failing.failed Broken"});
  CHECK(flows == Lines{"PENDING>RUNNING", "RUNNING>REVERTED"});
}

TEST_CASE("a listener hears the result of what succeeded, and the retries", "[libbaton]") {
  Shop shop;
  shop.options.state_file.clear();
  Local local(shop.types, shop.options);
  Lines told;
  local.on_atom(AtomState::success, [&](const AtomChange& change) {
    if (change.retry) shop.broken = change.attempt == 1;
    told.push_back(change.atom + "#" + std::to_string(change.attempt) + " " + json::serialize(change.result));
  });
  const auto end = local.run(failing().retry(sdk::Retry::times(2)));
  CHECK(end.succeeded());
  CHECK(std::count(told.begin(), told.end(), "stored#1 5") == 1);
  CHECK(std::count(told.begin(), told.end(), "stored#2 5") == 1);
  CHECK(std::count(told.begin(), told.end(), "failed#2 null") == 1);
}

TEST_CASE("a listener that throws does not harm the flow, and the end tells", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  int heard = 0;
  local.on_atom(AtomState::success, [&](const AtomChange&) { throw std::runtime_error("no paper"); });
  local.on_atom(AtomState::success, [&](const AtomChange&) { ++heard; });
  const auto end = local.run(adding(), {{"x", 1}});
  CHECK(end.succeeded());
  CHECK(heard == 2);
  CHECK(end.listener_troubles == Lines{"a listener threw at 'first', SUCCESS: no paper",
                                       "a listener threw at 'second', SUCCESS: no paper"});
}

TEST_CASE("a listener can be forgotten, also by itself", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  int once = 0, never = 0;
  Local::Listening first = 0;
  first = local.on_atom(any, [&](const AtomChange&) {
    ++once;
    local.forget(first);
  });
  local.forget(local.on_atom(any, [&](const AtomChange&) { ++never; }));
  local.run(adding(), {{"x", 1}});
  CHECK(once == 1);
  CHECK(never == 0);
}

TEST_CASE("stopped with a state file a run is suspended, and goes on later", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  local.on_atom(AtomState::success, [&](const AtomChange&) { local.stop(); });
  CHECK(local.run(adding_thrice(), {{"x", 1}}).state == FlowState::suspended);
  Local other(shop.types, shop.options);
  const auto end = other.resume();
  CHECK(end.succeeded());
  CHECK(end.atom("third")->result == json::value(3));
  CHECK(shop.added == 3);
}

TEST_CASE("stopped from another thread without a state file a run is cancelled, and what was done is undone",
          "[libbaton]") {
  Shop shop;
  shop.options.state_file.clear();
  Local local(shop.types, shop.options);
  std::atomic<bool> says = false;
  Lines progress;
  local.on_progress([&](const Progress& heard) {
    progress.push_back(heard.atom + " " + heard.note);
    says = true;
  });
  std::thread other([&] {
    while (!says) std::this_thread::yield();
    local.stop();
  });
  const auto end = local.run(waiting());
  other.join();
  CHECK(end.state == FlowState::cancelled);
  CHECK(shop.undone == "5");
  CHECK(progress == Lines{"waits waits"});
}

TEST_CASE("a listener that is added while it runs hears the progress", "[libbaton]") {
  Shop shop;
  shop.options.state_file.clear();
  Local local(shop.types, shop.options);
  Lines progress;
  local.on_flow(FlowState::running, [&](const FlowChange&) {
    local.on_progress([&](const Progress& heard) {
      progress.push_back(heard.atom + " " + heard.note);
      local.stop();
    });
  });
  CHECK(local.run(waiting()).state == FlowState::cancelled);
  CHECK(progress == Lines{"waits waits"});
}

TEST_CASE("a listener that writes to nobody does not end the program, then or afterwards", "[libbaton]") {
  const auto handler = ::signal(SIGPIPE, SIG_DFL);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  Shop shop;
  Local local(shop.types, shop.options);
  int refused = 0;
  local.on_atom(AtomState::success, [&](const AtomChange&) {
    if (::write(ends[1], "x", 1) < 0 && errno == EPIPE) ++refused;
  });
  CHECK(local.run(adding(), {{"x", 1}}).succeeded());
  CHECK(refused == 2);
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK(::sigismember(&after, SIGPIPE) == 0);
  ::close(ends[1]);
  ::signal(SIGPIPE, handler);
}

TEST_CASE("a state file that has the run already is gone on with, or told", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  const auto listening = local.on_atom(AtomState::success, [&](const AtomChange&) { local.stop(); });
  CHECK(local.run_or_resume(adding_thrice(), {{"x", 1}}).state == FlowState::suspended);
  local.forget(listening);
  CHECK(local.run_or_resume(adding_thrice(), {{"x", 1}}).succeeded());
  const auto told = local.run_or_resume(adding_thrice(), {{"x", 1}});
  CHECK(told.succeeded());
  CHECK(told.atom("third")->result == json::value(3));
  CHECK(shop.added == 3);
  CHECK(refused(
            [&] {
              local.run_or_resume(adding_thrice(), {{"x", 2}});
            },
            "holds another flow") == LocalError::Kind::refused);
}

TEST_CASE("run again: what succeeded is kept, or nothing is", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  local.run(adding(), {{"x", 1}});
  auto end = local.rerun();
  CHECK(end.succeeded());
  CHECK(end.run == 2);
  CHECK(shop.added == 2);
  end = local.rerun_anew("me", "cleaned up");
  CHECK(end.succeeded());
  CHECK(end.run == 3);
  CHECK(shop.added == 4);
  CHECK(end.atom("second")->attempt == 2);
}

TEST_CASE("what cannot begin is an error of its kind", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  using Kind = LocalError::Kind;
  CHECK(refused([&] { local.run(adding()); }, "requires 'x'") == Kind::wrong);
  const json::object nul{{"x", std::string(1, '\0')}};
  CHECK(refused([&] { local.run(adding(), nul); }, "the initial value of 'x': ") == Kind::wrong);
  CHECK(refused([&] { local.run(sdk::Flow::linear("f").add(sdk::task("sing", "a"))); },
                "which nothing here can run") == Kind::wrong);
  CHECK(refused([&] { local.run(FlowFile{"nowhere.json"}); }, "nowhere.json") == Kind::wrong);
  CHECK(refused([&] { local.run(ModuleFlow{"nobody"}); }, "no module here has a flow") == Kind::wrong);
  shop.options.state_file = shop.folder.path() + "/other.state";
  CHECK(refused([&] { Local(shop.types, shop.options).resume(); }, "no state file") == Kind::wrong);
  std::ofstream(shop.options.state_file) << std::string(4096, 'x');
  CHECK(refused(
            [&] {
              Local(shop.types, shop.options).run(adding(), {{"x", 1}});
            },
            "cannot be used") == Kind::refused);
  shop.types.add("command", [](sdk::Context&, const json::object&) -> json::value { return nullptr; });
  CHECK(refused([&] { Local(shop.types).run(adding(), {{"x", 1}}); }, "command") == Kind::wrong);
}

TEST_CASE("what the system refuses this process is an error of its kind, and the next run begins",
          "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  const auto run = [&] { return local.run(adding(), {{"x", 1}}); };
  const int next = next_descriptor();
  const long call = GENERATE(long{SYS_epoll_create1}, long{SYS_timerfd_create});
  std::optional<LocalError> error;
  std::thread without([&] {  // a thread of its own: there is no way back
    if (!baton::test::refuse_call(call, EMFILE)) return;
    try {
      run();
    } catch (const LocalError& told) {
      error = told;
    }
  });
  without.join();
  REQUIRE(error);
  CHECK(error->kind() == LocalError::Kind::system);
  CHECK_THAT(error->what(), Catch::Contains("Too many open files"));
  CHECK(next_descriptor() == next);  // what it had begun with is given back
  CHECK(run().succeeded());
}

TEST_CASE("a run inside a run is refused", "[libbaton]") {
  Shop shop;
  Local local(shop.types, shop.options);
  local.on_flow(FlowState::running, [&](const FlowChange&) { local.rerun(); });
  const auto end = local.run(adding(), {{"x", 1}});
  CHECK(end.succeeded());
  REQUIRE(end.listener_troubles.size() == 1);
  CHECK_THAT(end.listener_troubles[0], Catch::Contains("a run of this Local is under way"));
}

TEST_CASE("slots out of bounds are refused, before a state file is touched", "[libbaton]") {
  Shop shop;
  const auto slots = GENERATE(0u, 1025u);
  shop.options.slots = slots;
  Local local(shop.types, shop.options);
  const std::string told = "slots: from 1 to 1024, not " + std::to_string(slots);
  const auto flow = adding();
  const json::object store{{"x", 1}};
  CHECK(refused([&] { local.run(flow, store); }, told) == LocalError::Kind::wrong);
  CHECK(refused([&] { local.run_or_resume(flow, store); }, told) == LocalError::Kind::wrong);
  CHECK(refused([&] { local.resume(); }, told) == LocalError::Kind::wrong);
  CHECK(refused([&] { local.rerun(); }, told) == LocalError::Kind::wrong);
  CHECK_FALSE(std::ifstream(shop.options.state_file));
}

TEST_CASE("processes of a program that does not serve as a slot are refused", "[libbaton]") {
  Shop shop;
  shop.options.executor = Executor::process;
  CHECK(refused(
            [&] {
              Local(shop.types, shop.options).run(adding(), {{"x", 1}});
            },
            "serve_task_slot") == LocalError::Kind::wrong);
}

TEST_CASE("a flow file runs with its parameters, and commands with the guard", "[libbaton]") {
  Shop shop;
  const std::string file = shop.folder.path() + "/greet.yaml";
  std::ofstream(file) << "name: greet\n"
                         "parameters:\n"
                         "  whom: {type: string}\n"
                         "pattern: linear\n"
                         "nodes:\n"
                         "  - {task: command, name: say, inject: {argv: [echo, $whom]}}\n";
  Local local(shop.types, shop.options);
  const auto end = local.run(FlowFile{file, {{"whom", "42"}}});
  CHECK(end.succeeded());
  CHECK(end.atom("say")->result == json::value(42));
}
