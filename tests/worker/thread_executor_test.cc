#include "worker/thread_executor.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <optional>

#include "common/modules/module_set.h"
#include "common/runtime/asio_loop.h"
#include "tests/worker/runner_fixture.h"
#include "worker/module_task.h"

using namespace baton;
using namespace baton::worker;
using baton::worker::testing::RunnerStory;

namespace {

/// The real module of tests/sdk behind real threads.
struct ModuleStory {
  ModuleStory() {
    const auto loaded = modules.load(std::string(BATON_TEST_MODULES) + "/story_module.so");
    INFO((loaded.ok() ? std::string() : loaded.error().message));
    REQUIRE(loaded.ok());
    for (const auto& [type, entry] : modules.tasks())
      REQUIRE(registry.add(type, "module '" + entry.module + "'", std::make_unique<ModuleTask>(*entry.type))
                  .ok());
    executor.emplace(loop, registry, 2);
  }

  static wire::Request request(const std::string& type, const std::string& arguments = "{}") {
    auto request = RunnerStory::request("a", 4, 2, Intention::Execute, arguments);
    request.task_type = type;
    request.job = "job-1";
    return request;
  }
  TaskOutcome run(const wire::Request& request, const std::function<void(CallId)>& meanwhile = {}) {
    std::optional<TaskOutcome> ended;
    const CallId call = ++last_call;
    executor->start(call, request, [&](TaskOutcome outcome) {
      ended = std::move(outcome);
      loop.stop();
    });
    REQUIRE_FALSE(ended);  // never inline
    if (meanwhile) loop.post([&] { meanwhile(call); });
    const auto limit = loop.after(Millis{30'000}, [&] { loop.stop(); });
    loop.run();
    loop.cancel(limit);
    REQUIRE(ended);
    return *std::move(ended);
  }
  std::string failure(const TaskOutcome& outcome) {
    const auto* told = std::get_if<Failure>(&outcome);
    return told ? told->type + ": " + told->message : "succeeded";
  }

  runtime::AsioLoop loop;
  modules::ModuleSet modules;
  TaskRegistry registry;
  std::optional<ThreadExecutor> executor;
  CallId last_call = 0;
};

}  // namespace

TEST_CASE_METHOD(ModuleStory, "a module's task gets its arguments and identity, and its result comes back") {
  const auto outcome = run(request("echo", R"({"host": "a", "deep": [[1.5]]})"));
  REQUIRE(std::holds_alternative<Value>(outcome));
  const auto told = std::get<Value>(outcome).tree();
  CHECK(told.at("arguments").at("host") == "a");
  CHECK(told.at("arguments").at("deep").at(0).at(0) == 1.5);
  CHECK(told.at("key") == "00000000-0000-0000-0000-000000000007/a/EXECUTE/2");
  CHECK(told.at("flow") == "00000000-0000-0000-0000-000000000007");
  CHECK(told.at("atom") == "a");
  CHECK(told.at("job") == "job-1");
  CHECK(told.at("dispatch") == 4);
  CHECK(told.at("attempt") == 2);
}

TEST_CASE_METHOD(ModuleStory, "a revert is told what it undoes") {
  auto revert = request("echo", R"({"host": "a"})");
  revert.delivery.intention = Intention::Revert;
  revert.result = Value::from_stored("7");
  revert.failure = Failure{"Full", "no room", {}};
  revert.flow_failures = {{"b", Failure{"Broken", "it is", {}}}};
  const auto outcome = run(revert);
  REQUIRE(std::holds_alternative<Failure>(outcome));
  const auto told = std::get<Failure>(outcome).details.tree();
  CHECK(told.at("arguments").at("host") == "a");
  CHECK(told.at("result") == 7);
  CHECK(told.at("failure") == "Full: no room");
  CHECK(told.at("b") == "Broken");

  auto nothing = request("refuse");  // has no revert: nothing to undo
  nothing.delivery.intention = Intention::Revert;
  CHECK(std::get<Value>(run(nothing)).is_null());
}

TEST_CASE_METHOD(ModuleStory,
                 "a task that fails, throws or gives what cannot be kept is a failure with its reason") {
  const auto refused = run(request("refuse"));
  CHECK(failure(refused) == "QuotaExceeded: no more servers");
  CHECK(std::get<Failure>(refused).details.tree().at("limit") == 5);
  CHECK(failure(run(request("throw"))) == "TaskThrew: the disk is full");
  CHECK(failure(run(request("throw", R"({"odd": 1})"))) ==
        "TaskThrew: threw something that is no std::exception");
  CHECK(failure(run(request("huge"))) ==
        "BadResult: the result cannot be kept: it has 2097154 bytes, the limit is 1048576 (at byte 1048576)\n"
        "  hint: a result is JSON of at most 1048576 bytes, without U+0000 and infinite numbers; keep larger "
        "values "
        "elsewhere and return where they are");
  CHECK_THAT(failure(run(request("unstorable"))), Catch::Contains("U+0000"));
}

TEST_CASE_METHOD(ModuleStory, "a task that waits hears a cancel at once, and its progress is seen") {
  const auto outcome = run(request("sleep"), [this](CallId call) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (executor->progress(call).note != "asleep" && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    CHECK(executor->progress(call).share == 0.25);
    executor->cancel(call);
  });
  CHECK(failure(outcome) == "Cancelled: ended because it was asked to");
}

TEST_CASE_METHOD(ModuleStory, "a task that waits in something else is woken by its hook") {
  const auto outcome = run(request("hear"), [this](CallId call) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (executor->progress(call).note != "listens" && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    executor->cancel(call);
  });
  CHECK(failure(outcome) == "Cancelled: ended because it was asked to");
}

TEST_CASE_METHOD(ModuleStory, "more calls than threads wait for their turn") {
  int ended = 0;
  for (CallId call = 1; call <= 50; ++call)
    executor->start(call, request("echo"), [&](const TaskOutcome& outcome) {
      CHECK(std::holds_alternative<Value>(outcome));
      if (++ended == 50) loop.stop();
    });
  const auto limit = loop.after(Millis{30'000}, [&] { loop.stop(); });
  loop.run();
  loop.cancel(limit);
  CHECK(ended == 50);
}

TEST_CASE_METHOD(ModuleStory,
                 "the executor's end cancels what runs and waits for it, nobody is called any more") {
  bool called = false;
  for (CallId call = 1; call <= 4; ++call)
    executor->start(call, request("sleep"), [&](const TaskOutcome&) { called = true; });
  executor.reset();
  loop.post([this] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
}

TEST_CASE("a task type has one owner") {
  TaskRegistry registry;
  const modules::ModuleSet none;
  static const baton_task_type type{};
  REQUIRE(registry.add("echo", "module 'a'", std::make_unique<ModuleTask>(type)).ok());
  const auto second = registry.add("echo", "command of commands.json", std::make_unique<ModuleTask>(type));
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        "task type 'echo' of command of commands.json is already that of module 'a'\n"
        "  hint: load only one of them, or rename it");
  CHECK(registry.types() == std::vector<std::string>{"echo"});
}
