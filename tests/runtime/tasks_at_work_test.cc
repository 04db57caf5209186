#include "common/runtime/tasks_at_work.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

using namespace baton;
using namespace baton::runtime;

namespace {
bool copied = false;  // this process is a copy of the tests' one
}

/// LeakSanitizer asks at the end. In a copy with one thread of several it does not find what the others hold.
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() {
  return copied;
}

namespace {

struct AtWorkStory {
  AtWorkStory() {
    char name[] = "/tmp/baton-tasks-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder = name;
  }
  ~AtWorkStory() { std::filesystem::remove_all(folder); }
  std::string path() const { return folder + "/tasks"; }

  /// A process with two tasks at work; the second one does this. What it left, and its wait status.
  TasksAtWork::Left death_by(const std::function<void()>& deed) {
    live(deed, [] {});
    const auto left = TasksAtWork::read(path());
    REQUIRE(left.has_value());
    return *left;
  }
  /// The second of its tasks does this, and once that is done its first thread, which runs none, does that.
  void live(const std::function<void()>& deed, const std::function<void()>& of_no_task) {
    const pid_t child = ::fork();
    if (child == 0) {
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      // As the runner of these tests may hear of crashes, too.
      for (const int number : crash_signals()) ::signal(number, SIG_DFL);
      copied = true;
      auto tasks = TasksAtWork::open(path(), 3);
      std::thread([&] { tasks->begin(0, "flow/innocent"); }).join();
      std::thread second([&] {
        const CrashStack stack;
        tasks->begin(1, "flow/ended");
        tasks->end(1);
        tasks->begin(1, "flow/guilty");
        deed();
      });
      second.join();
      of_no_task();
      ::_exit(0);
    }
    REQUIRE(::waitpid(child, &status, 0) == child);
  }
  int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

  std::string folder;
  int status = 0;
};

using Names = std::vector<std::string>;

/// A million of these are more than any stack holds.
int overflow(int depth) {
  volatile char page[4096];
  page[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : overflow(depth - 1) + page[0];
}

}  // namespace

TEST_CASE_METHOD(AtWorkStory, "H22: a task whose code crashes its process is named alone, and how") {
  const auto aborted = death_by([] { std::abort(); });
  CHECK(aborted.tasks == Names{"flow/guilty"});
  CHECK(aborted.crash == "SIGABRT");
  CHECK(signal() == SIGABRT);

  const auto raised = death_by([] { ::raise(SIGSEGV); });
  CHECK(raised.tasks == Names{"flow/guilty"});
  CHECK(raised.crash == "SIGSEGV");
  CHECK(signal() == SIGSEGV);

  const auto exited = death_by([] { std::exit(7); });
  CHECK(exited.tasks == Names{"flow/guilty"});
  CHECK(exited.crash == "exit");
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE_METHOD(AtWorkStory, "H22: a task that overflows its stack is named") {
  const auto left = death_by([] { overflow(1'000'000); });
  CHECK(left.tasks == Names{"flow/guilty"});
  CHECK(left.crash == "SIGSEGV");
  CHECK(signal() == SIGSEGV);
}

TEST_CASE_METHOD(AtWorkStory, "H22: of a process that is killed from outside all that ran is named") {
  const auto left = death_by([] { ::kill(::getpid(), SIGKILL); });
  CHECK(left.tasks == Names{"flow/innocent", "flow/guilty"});
  CHECK(left.crash.empty());
  CHECK(signal() == SIGKILL);
}

TEST_CASE_METHOD(AtWorkStory, "H22: of a process that ends on a thread without a task nothing is known") {
  live([] {}, [] { std::abort(); });
  CHECK(signal() == SIGABRT);
  CHECK_FALSE(TasksAtWork::read(path()).has_value());

  live([] {}, [] { std::exit(7); });
  CHECK(WEXITSTATUS(status) == 7);
  CHECK_FALSE(TasksAtWork::read(path()).has_value());
}

TEST_CASE_METHOD(AtWorkStory, "H22: a child that ends by itself is no death of its process") {
  const auto left = death_by([] {
    const pid_t child = ::fork();
    if (child == 0) std::exit(3);
    ::waitpid(child, nullptr, 0);
    ::kill(::getpid(), SIGKILL);
  });
  CHECK(left.tasks == Names{"flow/innocent", "flow/guilty"});
  CHECK(left.crash.empty());
}

TEST_CASE_METHOD(AtWorkStory, "what is no file of tasks at work names nobody, and is not taken for none") {
  CHECK_FALSE(TasksAtWork::read(path()).has_value());
  std::ofstream(path()) << "something else";
  CHECK_FALSE(TasksAtWork::read(path()).has_value());
  {
    auto tasks = TasksAtWork::open(path(), 2);
    REQUIRE(tasks.ok());
    tasks->begin(1, "flow/" + std::string(255, 'x'));
    CHECK(TasksAtWork::read(path())->tasks == Names{"flow/" + std::string(255, 'x')});
    tasks->end(1);
  }
  REQUIRE(TasksAtWork::read(path()).has_value());
  CHECK(TasksAtWork::read(path())->tasks.empty());
  const auto refused = TasksAtWork::open("/nowhere/tasks", 1);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() == "tasks at work /nowhere/tasks: No such file or directory");
}
