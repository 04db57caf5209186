#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "common/runtime/asio_loop.h"
#include "local/process_executor.h"
#include "local/serial_executor.h"
#include "tests/local/slot_tasks.h"

using namespace baton;
using namespace baton::local;
using worker::CallId;
using worker::TaskOutcome;

namespace {

wire::Request request(const std::string& type, const std::string& arguments = "{}") {
  wire::Request request;
  request.delivery = {FlowId(Uuid{{1}}), "atom", Intention::Execute, 1, 1};
  request.task_type = type;
  request.arguments = Value::from_stored(arguments);
  return request;
}

/// Calls of an executor, and their ends in order.
struct Story {
  Story() { test::add_slot_tasks(registry); }

  CallId start(worker::TaskExecutor& executor, const wire::Request& asked) {
    const CallId call = ++last;
    executor.start(call, asked, [this, call](TaskOutcome outcome) {
      ended.push_back(call);
      outcomes.emplace(call, std::move(outcome));
      loop.stop();
    });
    return call;
  }
  const TaskOutcome& outcome(CallId call) {
    while (outcomes.find(call) == outcomes.end()) loop.run();
    return outcomes.at(call);
  }
  TaskOutcome run(worker::TaskExecutor& executor, const wire::Request& asked) {
    return outcome(start(executor, asked));
  }
  std::string value(const TaskOutcome& outcome) {
    const auto* value = std::get_if<Value>(&outcome);
    return value ? std::string(value->json()) : std::get<Failure>(outcome).to_value().json().data();
  }
  static std::string failure(const TaskOutcome& outcome) {
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure ? failure->type : "none";
  }

  runtime::AsioLoop loop;
  worker::TaskRegistry registry;
  CallId last = 0;
  std::vector<CallId> ended;
  std::map<CallId, TaskOutcome> outcomes;
};

struct Processes : Story {
  explicit Processes(std::uint32_t slots, Millis grace = ProcessExecutor::kGrace)
      : executor(std::in_place, loop, registry, SlotProgram{BATON_TEST_SLOT, {}, -1}, slots, grace) {}
  std::optional<ProcessExecutor> executor;
};

bool lives(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("a process slot runs task after task, in a process that is not ours", "[local]") {
  Processes story(1);
  const std::string arguments = R"({"text": "ü \"quoted\"", "list": [1, 2.50, null]})";
  CHECK(story.value(story.run(*story.executor, request("echo", arguments))) == arguments);
  const auto first = story.value(story.run(*story.executor, request("pid")));
  CHECK(first != std::to_string(::getpid()));
  CHECK(story.value(story.run(*story.executor, request("pid"))) == first);
  CHECK(story.executor->pids() == std::vector<pid_t>{std::stoi(first)});
}

TEST_CASE("slots are processes of their own, more calls wait for one", "[local]") {
  Processes story(2);
  const auto waits = story.start(*story.executor, request("wait"));
  const auto a = story.start(*story.executor, request("pid"));
  const auto b = story.start(*story.executor, request("pid"));
  CHECK(story.value(story.outcome(a)) == story.value(story.outcome(b)));
  story.executor->cancel(waits);
  CHECK(story.failure(story.outcome(waits)) == "Cancelled");
  CHECK(story.executor->pids().size() == 2);
}

TEST_CASE("a slot that crashes takes down its task, not the program, and the next task runs", "[local]") {
  Processes story(1);
  const auto before = std::stoi(story.value(story.run(*story.executor, request("pid"))));
  const auto crashed = story.run(*story.executor, request("crash"));
  REQUIRE(story.failure(crashed) == "TaskCrashed");
  CHECK(std::get<Failure>(crashed).message ==
        "its process (" + std::to_string(before) + ") was ended by signal 11 (SIGSEGV)");
  const auto after = std::stoi(story.value(story.run(*story.executor, request("pid"))));
  CHECK(after != before);
  CHECK_FALSE(lives(before));
  const auto left = story.run(*story.executor, request("exit"));
  CHECK(std::get<Failure>(left).message ==
        "its process (" + std::to_string(after) + ") ended with exit code 7");
}

TEST_CASE("a slot that says what is no frame and lives on is ended", "[local]") {
  Processes story(1);
  const auto left = story.run(*story.executor, request("babble"));
  CHECK_THAT(std::get<Failure>(left).message, Catch::Contains("was ended by signal 9 (SIGKILL)"));
  CHECK(story.value(story.run(*story.executor, request("echo", "{}"))) == "{}");
}

TEST_CASE("a slot that died while it was idle is not the next task's fault", "[local]") {
  Processes story(1);
  const auto pid = std::stoi(story.value(story.run(*story.executor, request("pid"))));
  ::kill(pid, SIGKILL);
  siginfo_t ended;
  REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(story.value(story.run(*story.executor, request("echo", "{}"))) == "{}");
}

TEST_CASE("a task that does not end when asked is killed with its process", "[local]") {
  Processes story(1, Millis(50));
  const auto call = story.start(*story.executor, request("deaf"));
  story.executor->cancel(call);
  CHECK(story.failure(story.outcome(call)) == "Cancelled");
  CHECK(story.value(story.run(*story.executor, request("echo", "{}"))) == "{}");
}

TEST_CASE("what a task in a slot says of itself is there while it runs", "[local]") {
  Processes story(1);
  const auto call = story.start(*story.executor, request("says"));
  const std::function<void()> look = [&] {
    if (story.executor->progress(call).note.empty())
      story.loop.after(Millis(5), look);
    else
      story.executor->cancel(call);
  };
  CHECK(story.executor->progress(call).note.empty());
  look();
  CHECK(story.failure(story.outcome(call)) == "Cancelled");
  CHECK(story.executor->progress(call).note.empty());  // it has ended
  const auto next = story.start(*story.executor, request("wait"));
  CHECK(story.executor->progress(next).note.empty());  // another's is not its own
  story.executor->cancel(next);
  CHECK(story.failure(story.outcome(next)) == "Cancelled");
}

TEST_CASE("a call that waits for a slot is cancelled without one", "[local]") {
  Processes story(1);
  const auto runs = story.start(*story.executor, request("wait"));
  const auto waits = story.start(*story.executor, request("echo"));
  story.executor->cancel(waits);
  CHECK(story.failure(story.outcome(waits)) == "Cancelled");
  story.executor->cancel(runs);
  CHECK(story.failure(story.outcome(runs)) == "Cancelled");
}

TEST_CASE("no process outlives its executor, nor a program that cannot be started it", "[local]") {
  Processes story(2);
  const auto pid = std::stoi(story.value(story.run(*story.executor, request("pid"))));
  story.start(*story.executor, request("deaf"));
  story.executor.reset();
  CHECK_FALSE(lives(pid));
  ProcessExecutor nothing(story.loop, story.registry, SlotProgram{"/nowhere/baton", {}, -1}, 1);
  CHECK(story.failure(story.run(nothing, request("echo"))) == "TaskCrashed");
}

TEST_CASE("serial: one after the other in the order of starting, quick types on our own thread", "[local]") {
  Story story;
  SerialExecutor executor(story.loop, story.registry);
  std::vector<CallId> calls;
  for (int i = 0; i < 40; ++i) calls.push_back(story.start(executor, request("echo")));
  story.outcome(calls.back());
  CHECK(story.ended == calls);
}

TEST_CASE("serial: one that has a start_to_close does not run on our own thread, however quick", "[local]") {
  Story story;
  SerialExecutor executor(story.loop, story.registry);
  const auto ours = std::to_string(::gettid());
  int calls = 0;  // on a machine that is busy some are not quick
  while (story.value(story.run(executor, request("thread"))) != ours) REQUIRE(++calls < 10'000);
  auto bounded = request("thread");
  bounded.start_to_close = Millis(60'000);
  CHECK(story.value(story.run(executor, bounded)) != ours);
}

TEST_CASE("serial: the one that runs and one that waits are cancelled", "[local]") {
  Story story;
  SerialExecutor executor(story.loop, story.registry);
  const auto runs = story.start(executor, request("wait"));
  const auto waits = story.start(executor, request("wait"));
  executor.cancel(waits);
  executor.cancel(runs);
  CHECK(story.failure(story.outcome(runs)) == "Cancelled");
  CHECK(story.failure(story.outcome(waits)) == "Cancelled");
}
