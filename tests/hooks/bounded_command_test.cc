#include "common/process/bounded_command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/process/descriptor.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::process;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr Millis kLong{40'000};

// As a daemon does; run_bounded's callers block it.
[[maybe_unused]] const auto kNoBrokenPipes = ::signal(SIGPIPE, SIG_IGN);

BoundedCommand shell(const std::string& script, Millis timeout = kLong) {
  return {
      {"/bin/sh", "-c", script}, plain_environment({{"BATON_JOB", "job 1"}}), "the document", timeout, -1};
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// It dies with its group; init, or whoever reaps it, may take its time.
bool dies(const std::string& pid) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  const auto state = [&] {
    const std::string status = content("/proc/" + std::to_string(std::stoi(pid)) + "/stat");
    const auto name_end = status.rfind(')');
    return name_end == std::string::npos ? 'X' : status[name_end + 2];
  };
  while (state() != 'X' && state() != 'Z' && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return state() == 'X' || state() == 'Z';
}

bool appears(const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!std::ifstream(path).good() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return std::ifstream(path).good();
}

}  // namespace

TEST_CASE("a command reads its document and its variables", "[process]") {
  const test::ScratchFolder folder;
  CHECK(run_bounded(shell("cat > " + folder.path() + "/in; echo \"$BATON_JOB\" > " + folder.path() + "/job"))
            .empty());
  CHECK(content(folder.path() + "/in") == "the document");
  CHECK(content(folder.path() + "/job") == "job 1\n");
}

TEST_CASE("a command that fails is told with the end of what it said", "[process]") {
  CHECK(run_bounded(shell("echo out; echo err >&2; exit 3")) == "exit code 3; it said: out\nerr");
  CHECK(run_bounded(shell("exit 1")) == "exit code 1; it said nothing");
  CHECK(run_bounded(shell("kill -9 $$")) == "it was killed by signal 9; it said nothing");
  const auto much = run_bounded(shell("yes | head -c 100000; echo the end; exit 1"));
  CHECK(much.size() < kCommandOutputBytesMax + 100);
  CHECK_THAT(much, Contains("the end"));
}

TEST_CASE("a command that is not there is told", "[process]") {
  BoundedCommand none = shell("");
  none.argv = {"/none/such"};
  CHECK_THAT(run_bounded(none), StartsWith("cannot start /none/such: No such file"));
}

TEST_CASE("a command that hangs is killed at its timeout, with all that it has started", "[process]") {
  const test::ScratchFolder folder;
  const auto said = run_bounded(
      shell("echo begun; sleep 1000 & echo $! > " + folder.path() + "/child; trap '' TERM; sleep 1000",
            Millis{5'000}));
  CHECK(said == "it had not ended after 5000 ms and was killed; it said: begun");
  const std::string child = content(folder.path() + "/child");
  REQUIRE_FALSE(child.empty());
  CHECK(dies(child));
}

TEST_CASE("what a command leaves behind is killed at its end, unless it is in a session of its own",
          "[process]") {
  const test::ScratchFolder folder;
  const std::string in = "cd " + folder.path() + "; ";
  CHECK(run_bounded(shell(in + "sleep 1000 & echo $! > child; exit 0")).empty());
  CHECK(dies(content(folder.path() + "/child")));
  CHECK(run_bounded(shell(in + "sleep 1000 & echo $! > child; exit 1")) == "exit code 1; it said nothing");
  CHECK(dies(content(folder.path() + "/child")));
  CHECK(run_bounded(shell(in + "setsid sh -c ': > begun; while [ ! -e go ]; do sleep 0.1; done; : > gone' &"
                               " while [ ! -e begun ]; do sleep 0.1; done"))
            .empty());
  CHECK_FALSE(std::ifstream(folder.path() + "/gone").good());
  std::ofstream(folder.path() + "/go") << "go";
  CHECK(appears(folder.path() + "/gone"));
}

TEST_CASE("a command that writes without end is killed at its timeout", "[process]") {
  CHECK_THAT(run_bounded(shell("yes", Millis{300})), StartsWith("it had not ended after 300 ms"));
}

TEST_CASE("of what never ends so much is read as is asked for", "[process]") {
  Descriptor endless(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  REQUIRE(endless.open());
  std::size_t bytes = 0;
  read_ready(endless, 10'000, [&](std::string_view part) { bytes += part.size(); });
  CHECK(bytes == 10'000);
  CHECK(endless.open());
  Descriptor empty(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  read_ready(empty, 10'000, [&](std::string_view part) { bytes += part.size(); });
  CHECK(bytes == 10'000);
  CHECK_FALSE(empty.open());
}

TEST_CASE("a command that writes without end is heard all the same when it ends, and can be ended",
          "[process]") {
  const std::string flood = "for i in 1 2 3 4 5 6 7 8; do yes & done; ";
  CHECK_THAT(run_bounded(shell(flood + "sleep 0.5; exit 3")), StartsWith("exit code 3; it said: y\n"));
  const test::ScratchFolder folder;
  const Descriptor stop(::eventfd(0, EFD_CLOEXEC));
  std::thread stopper([&] {
    (void)appears(folder.path() + "/begun");
    const std::uint64_t one = 1;
    (void)!::write(stop.number(), &one, sizeof one);
  });
  auto command = shell(flood + "sleep 0.5; : > " + folder.path() + "/begun; wait");
  command.stop = stop.number();
  CHECK_THAT(run_bounded(command), StartsWith("it was killed: the process that called it has ended"));
  stopper.join();
}

TEST_CASE("a command is not started when there is no descriptor for it", "[process]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit few = before;
  few.rlim_cur = 16;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto said = run_bounded(shell("exit 0"));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_THAT(said, StartsWith("cannot start /bin/sh: no descriptor is left: "));
}

TEST_CASE("a command need not read its document", "[process]") {
  auto command = shell("exit 0");
  command.input = std::string(1'000'000, 'x');
  CHECK(run_bounded(command).empty());
}

TEST_CASE("a child that a command leaves behind is not waited for", "[process]") {
  CHECK(run_bounded(shell("sleep 3 & exit 0")).empty());
}

TEST_CASE("a command has none of our descriptors and none of our secrets", "[process]") {
  const Descriptor ours(::open("/etc/hostname", O_RDONLY));  // not closed on exec
  REQUIRE(ours.open());
  ::setenv("BATON_POSTGRES_CONNINFO", "password=topsecret", 1);
  const auto said =
      run_bounded({{"/bin/sh", "-c", "ls /proc/self/fd; env; exit 1"}, plain_environment({}), "", kLong, -1});
  ::unsetenv("BATON_POSTGRES_CONNINFO");
  CHECK_THAT(said, Contains("PATH=") && !Contains("topsecret"));
  // Its three, and the one by which `ls` reads the folder.
  CHECK_THAT(said, Contains("0\n1\n2\n3\n") && !Contains("3\n4\n"));
}

TEST_CASE("a command is ended when its caller says so", "[process]") {
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  auto command = shell("sleep 1000");
  command.stop = stop.number();
  CHECK_THAT(run_bounded(command), StartsWith("it was killed: the process that called it has ended"));
}
